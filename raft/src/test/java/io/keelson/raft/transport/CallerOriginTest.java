package io.keelson.raft.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names lead where the test says; with the system's, {@link PeerTransportTest} asks. */
class CallerOriginTest {
    private static final String CALLER = "10.0.0.7";

    private final TestAuthority authority;

    CallerOriginTest(@TempDir Path folder) {
        authority = new TestAuthority(folder, "ca");
    }

    private static final class KnownNames implements CallerOrigin.Names {
        private final Map<String, List<String>> addresses;
        private final String own;

        KnownNames(String own, Map<String, List<String>> addresses) {
            this.own = own;
            this.addresses = addresses;
        }

        @Override
        public InetAddress[] addressesOf(String name) throws UnknownHostException {
            List<String> known = addresses.get(name);
            if (known == null) {
                throw new UnknownHostException(name);
            }
            InetAddress[] all = new InetAddress[known.size()];
            for (int i = 0; i < all.length; i++) {
                all[i] = InetAddress.ofLiteral(known.get(i));
            }
            return all;
        }

        @Override
        public String nameOf(InetAddress address) {
            return own;
        }
    }

    private static final CallerOrigin.Names NAMES = new KnownNames(
            "seven.members.example",
            Map.of(
                    "seven.example", List.of("10.0.0.6", CALLER),
                    "eight.example", List.of("10.0.0.8"),
                    "six.example", List.of("fd00::7")));

    private CallerOrigin origin(String caller, CallerOrigin.Names names, String... hosts) {
        try {
            return new CallerOrigin(
                    authority.issueFor("caller", hosts).certificate(), InetAddress.ofLiteral(caller), names);
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(e);
        }
    }

    private @Nullable String refusal(String... hosts) {
        Refusal refusal = origin(CALLER, NAMES, hosts).refusal();
        return refusal == null ? null : refusal.text();
    }

    @Test
    void anAddressOrANameThatLeadsToItWillDo() {
        assertEquals(null, refusal(CALLER));
        assertEquals(null, refusal("10.0.0.1", CALLER));
        assertEquals(null, refusal("seven.example"));
        assertEquals(null, refusal("10.0.0.1", "eight.example", "seven.example"));
        assertEquals(null, refusal("unknown.example", "seven.example"));
        assertEquals(null, origin("fd00::7", NAMES, "fd00:0::7").refusal());
        assertEquals(null, origin("fd00::7", NAMES, "six.example").refusal());
        assertEquals(null, origin("fe80::1%1", NAMES, "fe80::1").refusal());
    }

    @Test
    void whoIsElsewhereIsRefusedAndToldWhatTheCertificateIsFor() {
        String tail = ", not for 10.0.0.7, which it comes from";
        assertEquals("the caller's certificate is for 10.0.0.8" + tail, refusal("10.0.0.8"));
        assertEquals("the caller's certificate is for eight.example" + tail, refusal("eight.example"));
        assertEquals(
                "the caller's certificate is for nine.example, 10.0.0.8" + tail + " (nine.example is not known)",
                refusal("10.0.0.8", "nine.example"));
    }

    @Test
    void aStarIsForTheNamesThatTheAddressIsKnownBy() {
        assertEquals(null, refusal("*.members.example"));
        String tail = ", not for 10.0.0.7, which it comes from";
        assertEquals("the caller's certificate is for *.example" + tail, refusal("*.example"));
        assertEquals("the caller's certificate is for *.other.example" + tail, refusal("*.other.example"));
        CallerOrigin nameless = origin(CALLER, new KnownNames(CALLER, Map.of()), "*.0.0.7");
        assertEquals(true, nameless.refusal() != null, "an address is no name");
    }

    @Test
    void aCertificateForNobodyHoldsEverywhere() {
        assertEquals(null, refusal());
    }

    @Test
    void namesAreAskedForOnlyIfNoAddressIsTheCallers() {
        assertEquals(false, origin(CALLER, NAMES, "seven.example", CALLER).asksForNames());
        assertEquals(false, origin(CALLER, NAMES).asksForNames());
        assertEquals(false, origin(CALLER, NAMES, "10.0.0.8").asksForNames());
        assertEquals(true, origin(CALLER, NAMES, "10.0.0.8", "seven.example").asksForNames());
    }
}
