"""Where a model runs: in process (`transformers`), or behind a server that speaks OpenAI's protocol (`server`)."""
