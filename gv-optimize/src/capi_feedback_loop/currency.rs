//! Currencies and their minor units (ISO 4217).

/// Codes without a minor unit.
const NONE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
/// Codes with a thousandth.
const THOUSANDTH: &str = "BHD IQD JOD KWD LYD OMR TND";
/// Codes with a hundredth.
const HUNDREDTH: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN \
     BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD \
     HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT \
     MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD \
     SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED \
     VES WST XCD YER ZAR ZMW ZWG";

/// Number of decimal places of a currency's minor unit; `None` for a code that is not known.
pub fn decimals(code: &str) -> Option<u32> {
    let listed = |list: &str| list.split_ascii_whitespace().any(|known| known == code);
    if listed(HUNDREDTH) {
        Some(2)
    } else if listed(NONE) {
        Some(0)
    } else if listed(THOUSANDTH) {
        Some(3)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_differ_and_codes_are_known() {
        assert_eq!(
            (decimals("USD"), decimals("JPY"), decimals("KWD")),
            (Some(2), Some(0), Some(3))
        );
        assert_eq!((decimals("usd"), decimals("XXX"), decimals("")), (None, None, None));
    }
}
