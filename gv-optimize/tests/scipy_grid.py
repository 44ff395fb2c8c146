"""Prints scipy's values of the incomplete beta and gamma functions, one case a line.

Columns: function, a, b, x (or p), value. Numbers are written so that they read back exactly.
"""

import itertools

from scipy import special, stats


def show(name, a, b, x, value):
    print(name, repr(float(a)), repr(float(b)), repr(float(x)), repr(float(value)))


shapes = [0.5, 1.0, 1.56, 3.3, 13.1, 75.0, 1234.5, 1e5]
for a, b in itertools.product(shapes, shapes):
    mean = a / (a + b)
    for x in [0.01 * mean, 0.3 * mean, 0.9 * mean, mean, mean + 0.1 * (1 - mean), 0.995]:
        show("beta_inc", a, b, x, special.betainc(a, b, x))
    for p in [1e-6, 0.01, 0.1, 0.5, 0.9, 0.999]:
        show("beta_quantile", a, b, p, special.betaincinv(a, b, p))
for a in shapes:
    for factor in [1e-3, 0.1, 0.5, 0.95, 1.0, 1.1, 2.0, 10.0]:
        show("gamma_inc", a, 0.0, a * factor, special.gammainc(a, a * factor))
        show("ln_gamma", a * factor, 0.0, 0.0, special.gammaln(a * factor))
    for p in [1e-6, 0.01, 0.1, 0.5, 0.9, 0.999]:
        show("gamma_quantile", a, 0.0, p, special.gammaincinv(a, p))
for a, p, scale, r in itertools.product([0.5, 3.3, 8.3, 103.3], [4.0, 13.1, 60.0], [0.2, 3.0], [0.5, 1.0, 3.0]):
    law = stats.betaprime(a, p, scale=scale)
    show("roas_below", a, p, scale * 1000 + r, law.cdf(r))
for p in [1e-300, 1e-12, 1e-3, 0.05, 0.0751, 0.2, 0.5 + 1e-9, 0.77, 0.93, 0.999999]:
    show("normal_quantile", p, 0.0, 0.0, special.ndtri(p))
