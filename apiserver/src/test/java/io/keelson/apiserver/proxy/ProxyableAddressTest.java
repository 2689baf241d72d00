package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProxyableAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.9.1",
                "0.0.0.0",
                "169.254.169.254",
                "224.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "fe80::1",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::127.0.0.1",
                "::ffff:169.254.169.254"
            })
    void refusesWhatIsOfThisMachineOrItsLink(String address) throws UnknownHostException {
        assertFalse(ProxyableAddress.isAllowed(InetAddress.getByName(address)));
        assertThrows(ApiException.class, () -> ProxyableAddress.of(address));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "192.168.1.1", "8.8.8.8", "2001:db8::1", "fd00::1", "::ffff:10.0.0.1"})
    void allowsWhereClustersAre(String address) throws UnknownHostException {
        assertTrue(ProxyableAddress.isAllowed(InetAddress.getByName(address)));
    }

    @Test
    void judgesWhatANameStandsFor() {
        assertThrows(ApiException.class, () -> ProxyableAddress.of("localhost"));
        assertThrows(BackendException.class, () -> ProxyableAddress.of("no-such-host.invalid"));
    }
}
