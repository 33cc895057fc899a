"""The only code that decodes or encodes: probing, frames, audio, stream copy. All through PyAV, nothing through a shell."""
