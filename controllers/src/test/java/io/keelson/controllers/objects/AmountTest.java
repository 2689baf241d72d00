package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Quantity;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountTest {
    private static final String[] SUFFIXES = {
        "n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "e3", "e-3", "e6"
    };

    private static String sum(String... amounts) {
        Amount sum = Amount.ZERO;
        for (String amount : amounts) {
            sum = sum.plus(Amount.of(Quantity.parse(amount)));
        }
        return sum.quantity().toString();
    }

    @ParameterizedTest
    @CsvSource({
        "500m, 500m, 1",
        "1500m, 0, 1500m",
        "512Mi, 512Mi, 1Gi",
        "0, 1Gi, 1Gi",
        "1Gi, 1, 1073741825",
        "1Ki, 500m, 1024500m",
        "999, 1, 1k",
        "1e3, 1e3, 2e3",
        "100n, 0, 100n"
    })
    void sumsAreWrittenInTheStyleOfTheFirst(String one, String two, String sum) {
        assertEquals(sum, sum(one, two));
    }

    @ParameterizedTest
    @CsvSource({"1e999999999", "1e-999999999", "x", "Gi"})
    void whatIsNoAmountIsNothing(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        Quantity hostile = new Quantity(text.substring(0, digits), text.substring(digits));
        assertTrue(Amount.of(hostile).isZero());
        assertTrue(Amount.of((Quantity) null).isZero());
    }

    @Test
    void sizesOfVolumesAreWholeBytes() {
        assertEquals("2", Amount.of(Quantity.parse("1500m")).whole().quantity().toString());
    }

    @Property(tries = 500)
    void amountsAreAddedAndWrittenAsTheApiServerDoes(
            @ForAll @IntRange(min = 0, max = 5000) int one,
            @ForAll @IntRange(min = 0, max = 16) int oneSuffix,
            @ForAll @IntRange(min = 0, max = 5000) int two,
            @ForAll @IntRange(min = 0, max = 16) int twoSuffix) {
        String first = one + SUFFIXES[oneSuffix];
        String second = two + SUFFIXES[twoSuffix];
        io.keelson.apiserver.object.Quantity reference = io.keelson.apiserver.object.Quantity.parse(first)
                .add(io.keelson.apiserver.object.Quantity.parse(second));
        Amount sum = Amount.of(Quantity.parse(first)).plus(Amount.of(Quantity.parse(second)));
        String expected = reference.isZero() ? "0" : reference.toString();
        assertEquals(expected, sum.quantity().toString(), () -> first + " + " + second);
    }
}
