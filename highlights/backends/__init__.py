"""Where a model runs: in this process (`transformers`), or behind an OpenAI-compatible server (`server`)."""
