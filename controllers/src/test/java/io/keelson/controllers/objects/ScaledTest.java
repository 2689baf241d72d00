package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.IntOrString;
import org.junit.jupiter.api.Test;

class ScaledTest {
    @Test
    void numbersAreThemselvesAndPercentagesArePartsOfAll() {
        assertEquals(7, Scaled.of(new IntOrString(7), 3, true));
        assertEquals(3, Scaled.of(new IntOrString("25%"), 10, true));
        assertEquals(2, Scaled.of(new IntOrString("25%"), 10, false));
        assertEquals(0, Scaled.of(new IntOrString("0%"), 10, true));
        assertEquals(0, Scaled.of(null, 10, true));
        assertEquals(Integer.MAX_VALUE, Scaled.of(new IntOrString("1000%"), Integer.MAX_VALUE, true));
    }

    @Test
    void whatIsBelowNothingIsNothingAndOtherTextIsRefused() {
        assertEquals(0, Scaled.of(new IntOrString(-1), 10, true));
        assertEquals(0, Scaled.of(new IntOrString("-10%"), 10, true));
        assertThrows(IllegalArgumentException.class, () -> Scaled.of(new IntOrString("ten"), 10, true));
        assertThrows(IllegalArgumentException.class, () -> Scaled.of(new IntOrString("x%"), 10, true));
    }
}
