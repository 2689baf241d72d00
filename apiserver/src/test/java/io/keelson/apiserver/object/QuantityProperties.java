package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Quantities against the numbers they stand for. */
class QuantityProperties {
    private static final Map<String, BigDecimal> SUFFIXES = Map.ofEntries(
            Map.entry("", BigDecimal.ONE),
            Map.entry("n", new BigDecimal("1e-9")),
            Map.entry("u", new BigDecimal("1e-6")),
            Map.entry("m", new BigDecimal("1e-3")),
            Map.entry("k", new BigDecimal("1e3")),
            Map.entry("M", new BigDecimal("1e6")),
            Map.entry("G", new BigDecimal("1e9")),
            Map.entry("E", new BigDecimal("1e18")),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
            Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
            Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
            Map.entry("e4", new BigDecimal("1e4")),
            Map.entry("E-2", new BigDecimal("1e-2")));

    /** A quantity's text, and its number before it is rounded. */
    record Written(String text, BigDecimal number) {
        BigDecimal rounded() {
            BigDecimal kept = number.scale() > 9 ? number.setScale(9, RoundingMode.UP) : number;
            boolean binary = text.endsWith("i");
            return binary
                    ? kept.min(BigDecimal.valueOf(Long.MAX_VALUE)).max(BigDecimal.valueOf(-Long.MAX_VALUE))
                    : kept;
        }
    }

    @Provide
    Arbitrary<Written> quantities() {
        Arbitrary<BigDecimal> numbers = Arbitraries.oneOf(
                Arbitraries.integers().between(-5_000, 5_000).map(BigDecimal::valueOf),
                Arbitraries.longs().map(BigDecimal::valueOf),
                Arbitraries.bigDecimals().ofScale(12));
        return Combinators.combine(numbers, Arbitraries.of(SUFFIXES.keySet()))
                .as((number, suffix) -> new Written(
                        number.toPlainString() + suffix,
                        number.multiply(SUFFIXES.getOrDefault(suffix, BigDecimal.ONE))));
    }

    @Property
    void readsTheNumber(@ForAll("quantities") Written written) {
        assertEquals(
                0, written.rounded().compareTo(Quantity.parse(written.text()).decimal()), written.text());
    }

    @Property
    void theCanonicalFormIsTheSameNumberAndStays(@ForAll("quantities") Written written) {
        Quantity quantity = Quantity.parse(written.text());
        Quantity again = Quantity.parse(quantity.toString());
        assertEquals(quantity, again, quantity::toString);
        assertEquals(quantity.toString(), again.toString());
    }

    @Property
    void addsAndComparesExactly(@ForAll("quantities") Written one, @ForAll("quantities") Written other) {
        Quantity left = Quantity.parse(one.text());
        Quantity right = Quantity.parse(other.text());
        assertEquals(
                0, one.rounded().add(other.rounded()).compareTo(left.add(right).decimal()));
        assertEquals(
                0,
                one.rounded()
                        .subtract(other.rounded())
                        .compareTo(left.subtract(right).decimal()));
        assertEquals(one.rounded().compareTo(other.rounded()), left.compareTo(right));
        assertEquals(left.add(right), right.add(left));
        assertEquals(left, left.add(right).subtract(right));
    }

    @Property
    void valuesAreRoundedAwayFromZero(@ForAll("quantities") Written written) {
        BigDecimal value = written.rounded().setScale(0, RoundingMode.UP);
        long expected = value.min(BigDecimal.valueOf(Long.MAX_VALUE))
                .max(BigDecimal.valueOf(Long.MIN_VALUE))
                .longValueExact();
        assertEquals(expected, Quantity.parse(written.text()).value());
    }
}
