package io.keelson.apiserver.certs;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a certificate is to say.
 *
 * @param commonName the user's name, for clients
 * @param organizations the user's groups, for clients
 * @param hosts DNS names and IP addresses it holds for
 * @param usages what it may be used for
 * @param life how long it holds
 */
public record CertificateProfile(
        String commonName, List<String> organizations, List<String> hosts, Set<Usage> usages, Duration life) {
    public static final Duration YEAR = Duration.ofDays(365);

    /** Extended key usages. */
    public enum Usage {
        CLIENT,
        SERVER
    }

    public CertificateProfile {
        organizations = List.copyOf(organizations);
        hosts = List.copyOf(hosts);
        usages = Set.copyOf(usages);
    }

    /** For a client that is this user in these groups. */
    public static CertificateProfile client(String user, String... groups) {
        return new CertificateProfile(user, List.of(groups), List.of(), Set.of(Usage.CLIENT), YEAR);
    }

    public static CertificateProfile server(String commonName, List<String> hosts) {
        return new CertificateProfile(commonName, List.of(), hosts, Set.of(Usage.SERVER), YEAR);
    }

    public CertificateProfile withLife(Duration newLife) {
        return new CertificateProfile(commonName, organizations, hosts, usages, newLife);
    }
}
