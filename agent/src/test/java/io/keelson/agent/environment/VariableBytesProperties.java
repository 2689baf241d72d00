package io.keelson.agent.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

final class VariableBytesProperties {
    @Property(seed = "2", tries = 1000)
    void allBytesComeBack(@ForAll byte[] bytes) {
        assertArrayEquals(bytes, VariableBytes.bytes(VariableBytes.text(bytes)));
    }

    @Property(seed = "3", tries = 500)
    void textIsItself(@ForAll String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(new String(bytes, StandardCharsets.UTF_8), VariableBytes.text(bytes));
    }
}
