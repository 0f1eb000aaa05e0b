package event

import "strings"

// The active codes of ISO 4217 (list one) that are money with minor units, by number of decimals; ANG, BGN and others
// that were replaced of late stay, for orders that were placed in them. Metals, bond units and test codes are not
// money. Compared in a test with bojanz/currency v1.4.0, which takes its digits from ISO and not, like browsers, from
// CLDR.
var codesByDigits = [...]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
	2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE " +
		"CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD " +
		"HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP " +
		"MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD " +
		"SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS " +
		"VED VES WST XCD XCG YER ZAR ZMW ZWG",
	3: "BHD IQD JOD KWD LYD OMR TND",
	4: "CLF UYW",
}

// currencies is indexed by the three letters; 0 is "no such code", else decimals + 1. 17 KB buy a lookup of 2 ns,
// which is paid for every gift and order.
var currencies = func() (table [26 * 26 * 26]uint8) {
	for digits, codes := range codesByDigits {
		for code := range strings.FieldsSeq(codes) {
			table[currencyIndex(code)] = uint8(digits) + 1
		}
	}
	return table
}()

// Exponent is the number of minor-unit digits of an ISO 4217 currency; ok is false for a code that is not one.
func Exponent(currency string) (digits int, ok bool) {
	i := currencyIndex(currency)
	if i < 0 || currencies[i] == 0 {
		return 0, false
	}
	return int(currencies[i]) - 1, true
}

// currencyIndex is -1 where the text is not three capital letters.
func currencyIndex(code string) int {
	if len(code) != 3 {
		return -1
	}
	n := 0
	for i := range 3 {
		c := code[i] - 'A'
		if c > 25 {
			return -1
		}
		n = n*26 + int(c)
	}
	return n
}
