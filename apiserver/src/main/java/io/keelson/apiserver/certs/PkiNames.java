package io.keelson.apiserver.certs;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the serving certificate is to hold for.
 *
 * @param clusterDomain {@code cluster.local} unless told otherwise
 * @param serviceAddresses the first address of every range of Service addresses: the Service {@code kubernetes}
 * @param extra the machine's own name, addresses it is reached by, and whatever else clients may use
 */
public record PkiNames(String clusterDomain, List<String> serviceAddresses, List<String> extra) {
    public PkiNames {
        serviceAddresses = List.copyOf(serviceAddresses);
        extra = List.copyOf(extra);
    }

    public static PkiNames of(String... extra) {
        return new PkiNames("cluster.local", List.of("10.96.0.1"), List.of(extra));
    }

    /** Every name and address, without repetition; those everybody has come first. */
    public List<String> hosts() {
        Set<String> hosts = new LinkedHashSet<>(List.of(
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc." + clusterDomain,
                "127.0.0.1",
                "0:0:0:0:0:0:0:1"));
        hosts.addAll(serviceAddresses);
        for (String host : extra) {
            String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
            if (!bare.isBlank() && !bare.equals("::1")) {
                hosts.add(bare);
            }
        }
        return new ArrayList<>(hosts);
    }
}
