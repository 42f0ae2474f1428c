"""Compares biorthogonal.json with PyWavelets: `pip install PyWavelets==1.8.0 && python3 biorthogonal.py`.

The file has what PyWavelets gave: the filters of all bior and rbio families, and coefficients of inputs drawn at random.
"""

import json
import pathlib

import pywt

golden = json.loads(pathlib.Path(__file__).with_suffix(".json").read_text())

for name in pywt.wavelist("bior") + pywt.wavelist("rbio"):
    wavelet = pywt.Wavelet(name)
    expected = {f: getattr(wavelet, f) for f in ("dec_lo", "dec_hi", "rec_lo", "rec_hi")}
    assert golden["filters"].pop(name) == expected, name
assert not golden["filters"]

for case in golden["coefficients"]:
    expected = pywt.wavedec(case["input"], case["wavelet"], mode="periodization", level=case["level"])
    assert case["coefficients"] == [list(c) for c in expected], case["wavelet"]
