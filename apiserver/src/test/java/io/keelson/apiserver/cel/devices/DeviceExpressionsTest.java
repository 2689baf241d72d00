package io.keelson.apiserver.cel.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.cel.CelExpressionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceExpressionsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "device.driver == 'gpu.example.com'",
                "device.attributes['gpu.example.com'].model == 'a100'",
                "device.attributes['gpu.example.com'].shared",
                "'gpu.example.com' in device.attributes && 'model' in device.attributes['gpu.example.com']",
                "device.attributes['gpu.example.com'].version.isGreaterThan(semver('1.2.3'))",
                "device.capacity['gpu.example.com'].memory.compareTo(quantity('10Gi')) >= 0",
                "device.capacity['gpu.example.com'].?memory.orValue(quantity('0')).isGreaterThan(quantity('1Gi'))",
                "device.allowMultipleAllocations",
                "cel.bind(gpu, device.attributes['gpu.example.com'], gpu.model == 'a100' && gpu.shared)",
                "device.attributes.exists(domain, domain.endsWith('example.com'))",
            })
    void compile(String text) throws CelExpressionException {
        assertTrue(DeviceExpressions.cost(DeviceExpressions.compile(text)) <= 1_000_000, text);
    }

    @Test
    void giveTruth() {
        assertEquals(
                "must evaluate to bool or the unknown type, not string",
                assertThrows(CelExpressionException.class, () -> DeviceExpressions.compile("device.driver"))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "device.driver ==", "device.name == 'a'", "object.driver == 'a'", "device.driver > 1"})
    void doNotCompile(String text) {
        String message =
                String.valueOf(assertThrows(CelExpressionException.class, () -> DeviceExpressions.compile(text))
                        .getMessage());
        assertTrue(message.startsWith("compilation failed: ERROR: <input>:1:"), message);
    }

    @Test
    void costAsMuchAsTheLargestDeviceMakesThem() throws CelExpressionException {
        String loop = "device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, "
                + "device.attributes.all(d, a + b + c + d != ''))))";
        assertTrue(DeviceExpressions.cost(DeviceExpressions.compile(loop)) > 1_000_000);
        String bound = "cel.bind(all, device.attributes, all.all(a, all.all(b, all.all(c, "
                + "all.all(d, a + b + c + d != '')))))";
        assertTrue(DeviceExpressions.cost(DeviceExpressions.compile(bound)) > 1_000_000, "a name hides no size");
    }
}
