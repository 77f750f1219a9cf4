# Two commands: `make demo` plans the built-in example, `make test` runs all tests.
# Both make their environment in .venv first; they need Python 3.11 and nothing else.

.PHONY: demo test lint docs bench clean

demo:
	@scripts/setup run
	.venv/bin/aidline demo

test:
	@scripts/setup test
	.venv/bin/pytest --numprocesses 2

lint:
	@scripts/setup test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy --strict
	.venv/bin/lint-imports

docs:
	@scripts/setup test
	.venv/bin/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench:
	@scripts/setup run
	.venv/bin/aidline bench

clean:
	rm -rf .venv docs/_build docs/reference/generated docs/jupyter_execute report.html
