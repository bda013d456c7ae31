"""The parts of the Results tab. Each shows what it is given and says what is pressed; the presenter knows runs and engines."""
