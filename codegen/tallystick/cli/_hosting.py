"""The files by which a new repository of contracts is checked before and after a push."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

__all__ = ["hosting_texts"]

_PRE_COMMIT: Final = """# `pre-commit install -t pre-commit -t pre-push` turns these on; needs tallystick[cli].
repos:
  - repo: local
    hooks:
      - id: tallystick-fmt
        name: tallystick fmt
        entry: tallystick fmt
        language: system
        files: ^schemas/.*\\.avsc$
      - id: tallystick-lint
        name: tallystick lint
        entry: tallystick lint
        language: system
        files: ^((schemas|experiments)/.*\\.(avsc|ya?ml)|tallystick\\.toml)$
        pass_filenames: false
      - id: tallystick-codeowners
        name: tallystick codeowners
        entry: tallystick codeowners
        language: system
        files: ^(schemas/.*\\.(avsc|yaml)|tallystick\\.toml|\\.github/CODEOWNERS)$
        pass_filenames: false
      - id: tallystick-breaking
        name: tallystick breaking
        entry: tallystick breaking
        language: system
        files: ^schemas/.*\\.(avsc|ya?ml)$
        pass_filenames: false
        stages: [pre-push]
"""
_WORKFLOW: Final = """name: contracts
on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read

jobs:
  contracts:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0  # `tallystick breaking` looks at the main branch
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: pip install "tallystick[cli]=={version}"
      - run: tallystick fmt --check
      - run: tallystick lint --format github
        if: ${{{{ !cancelled() }}}}
      - run: tallystick breaking --format github
        if: ${{{{ !cancelled() && github.event_name == 'pull_request' }}}}
      - run: tallystick codeowners --check
        if: ${{{{ !cancelled() }}}}
"""


def hosting_texts() -> dict[str, str]:
    """Path -> text."""
    return {
        ".pre-commit-config.yaml": _PRE_COMMIT,
        ".github/workflows/contracts.yml": _WORKFLOW.format(version=version("tallystick")),
    }
