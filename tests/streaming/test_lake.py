from pathlib import Path

import pytest

from tallystick.streaming.lake import Lake


def test_a_relative_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Lake("demo-out/lake").bronze == f"{tmp_path}/demo-out/lake/bronze/events"


def test_an_address_stays_as_it_is() -> None:
    assert Lake("s3a://bucket/lake/").silver("events") == "s3a://bucket/lake/silver/events"


def test_a_separate_build_shares_bronze_and_its_checkpoint_alone() -> None:
    lake = Lake("s3a://bucket/lake").rebuilt("b1")
    assert lake.bronze == "s3a://bucket/lake/bronze/events"
    assert lake.checkpoint("bronze") == "s3a://bucket/lake/checkpoints/bronze"
    assert lake.silver("events") == "s3a://bucket/lake/builds/b1/silver/events"
    assert lake.checkpoint("silver") == "s3a://bucket/lake/builds/b1/checkpoints/silver"
