package io.keelson.kvstore.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Endpoints from DNS: the SRV records {@code _etcd-client-ssl._tcp} and {@code _etcd-client._tcp} of a domain. */
final class DiscoveryService {
    private DiscoveryService() {}

    /**
     * Looks the endpoints of a domain up.
     *
     * @param serviceName added to the service's name with a hyphen; empty for none
     * @param allowInsecure false leaves out endpoints without TLS
     */
    static List<String> endpoints(Console console, String domain, String serviceName, boolean allowInsecure) {
        String suffix = serviceName.isEmpty() ? "" : "-" + serviceName;
        List<String> found = new ArrayList<>();
        IOException secured = lookUp("_etcd-client-ssl" + suffix, domain, "https://", found);
        IOException insecure = lookUp("_etcd-client" + suffix, domain, "http://", found);
        if (secured != null && insecure != null) {
            throw CommandFailure.of(
                    ExitCode.ERROR,
                    "error querying DNS SRV records for _etcd-client" + suffix + " lookup _etcd-client" + suffix
                            + "._tcp." + ByteText.ofText(domain) + ": " + ErrorText.of(insecure));
        }
        if (!allowInsecure) {
            for (String endpoint : List.copyOf(found)) {
                if (endpoint.startsWith("http://")) {
                    found.remove(endpoint);
                    console.errorln(
                            "ignoring discovered insecure endpoint " + GoQuote.quote(ByteText.ofText(endpoint)));
                }
            }
        }
        return found;
    }

    private static @Nullable IOException lookUp(String service, String domain, String scheme, List<String> found) {
        try {
            for (DnsServices.Service record : DnsServices.lookUp(service + "._tcp." + domain)) {
                found.add(scheme + record.host() + ":" + record.port());
            }
            return null;
        } catch (IOException e) {
            return e;
        }
    }
}
