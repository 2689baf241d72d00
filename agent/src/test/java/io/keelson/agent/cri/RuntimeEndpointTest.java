package io.keelson.agent.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeEndpointTest {
    @Test
    void readsAUrlAndAPath() {
        assertEquals("/run/containerd/containerd.sock", RuntimeEndpoint.parse("unix:///run/containerd/containerd.sock").path());
        assertEquals("/run/a.sock", RuntimeEndpoint.parse("/run/a.sock").path());
        assertEquals("unix:///run/a.sock", RuntimeEndpoint.parse("/run/a.sock").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "run/a.sock", "tcp://127.0.0.1:1", "npipe:////./pipe/containerd", "unix://run/a.sock", "unix:a", "unix:",
                "unix://", "http://[", "unix:///a%00b", ":", "unix ///a"
            })
    void refusesWhatIsNoUnixSocket(String text) {
        assertThrows(IllegalArgumentException.class, () -> RuntimeEndpoint.parse(text));
    }

    @Test
    void refusesAPathThatTheKernelWouldCutOff() {
        String path = "/" + "ä".repeat(54);
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> RuntimeEndpoint.parse("unix://" + path));
        assertTrue(String.valueOf(refusal.getMessage()).contains("longer than 107 bytes"));
        assertEquals(107, RuntimeEndpoint.parse("unix:///" + "a".repeat(106)).path().length());
    }
}
