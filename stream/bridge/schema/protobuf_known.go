package schema

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/twmb/avro"
)

// knownFiles can be imported without being registered: serializers have them built in. Those of google/protobuf are the
// compiler's.
var knownFiles = map[string]string{
	"confluent/meta.proto": `syntax = "proto3"; package confluent; import "google/protobuf/descriptor.proto";
message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
extend google.protobuf.FileOptions { Meta file_meta = 1088; }
extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }`,
	"confluent/type/decimal.proto": `syntax = "proto3"; package confluent.type;
message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
	"google/type/money.proto": `syntax = "proto3"; package google.type;
message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }`,
	"google/type/decimal.proto": `syntax = "proto3"; package google.type;
message Decimal { string value = 1; }`,
	"google/type/date.proto": `syntax = "proto3"; package google.type;
message Date { int32 year = 1; int32 month = 2; int32 day = 3; }`,
}

var errDecimal = errors.New("a decimal that is none, or has more than " + strconv.Itoa(maxDigits) + " digits")

// protoDecimal is a confluent.type.Decimal as exact text: value is the unscaled number's two's complement.
func protoDecimal(v any) (any, error) {
	fields, ok := v.(map[string]any)
	if !ok {
		return v, nil // null
	}
	text, _ := fields["value"].(string)
	unscaled, err := base64.StdEncoding.DecodeString(text)
	scale, ok := integer(fields["scale"])
	if err != nil || !ok || len(unscaled) > maxDigits/2 || scale < -maxDigits || scale > maxDigits {
		return nil, errDecimal
	}
	exact, ok := shortest(avro.RatFromBytes(unscaled, int(scale)))
	if !ok {
		return nil, errDecimal
	}
	return exact, nil
}

// protoMoney adds the amount of a google.type.Money as exact text: units and billionths, of one sign.
func protoMoney(v any) (any, error) {
	fields, ok := v.(map[string]any)
	if !ok {
		return v, nil
	}
	units, ok1 := integer(fields["units"])
	nanos, ok2 := integer(fields["nanos"])
	if !ok1 || !ok2 || nanos <= -1e9 || nanos >= 1e9 || units > 0 && nanos < 0 || units < 0 && nanos > 0 {
		return nil, errors.New("a google.type.Money whose nanos do not go with its units")
	}
	sum := new(big.Rat).Add(new(big.Rat).SetInt64(units), big.NewRat(nanos, 1e9))
	amount, ok := shortest(sum)
	if !ok {
		return nil, errDecimal
	}
	fields["amount"] = amount
	return fields, nil
}

// integer reads what protojson writes integers as: a number, of 64 bits a text. Absent is zero.
func integer(v any) (int64, bool) {
	if v == nil {
		return 0, true
	}
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	return n, err == nil
}

// binary makes numbers the binary fractions that they were.
func binary(v any) any {
	switch v := v.(type) {
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f
		}
	case []any:
		for i := range v {
			v[i] = binary(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = binary(v[name])
		}
	}
	return v
}
