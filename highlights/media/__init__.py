"""The only code that decodes or encodes: probing, frames, audio, stream copy. All through PyAV, never through a shell."""
