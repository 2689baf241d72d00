package io.keelson.agent.certificates;

import io.fabric8.kubernetes.api.model.NodeAddress;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.x509.GeneralName;

/** The names and addresses that a node's server has a certificate for. Without I/O. */
record ServingNames(Set<String> hosts, Set<String> addresses) {
    /** Of a node's status: what it is called, and where it is. */
    static ServingNames of(Collection<NodeAddress> told) {
        Set<String> hosts = new TreeSet<>();
        Set<String> addresses = new TreeSet<>();
        for (NodeAddress address : told) {
            String value = address.getAddress();
            if (value == null || value.isEmpty()) {
                continue;
            }
            switch (address.getType()) {
                case "InternalIP", "ExternalIP" -> addresses.add(value);
                case "Hostname", "InternalDNS", "ExternalDNS" -> {
                    // Some machines are called by their address.
                    (isAddress(value) ? addresses : hosts).add(value);
                }
                default -> {
                    // Of a sort that is no name.
                }
            }
        }
        return new ServingNames(hosts, addresses);
    }

    private static boolean isAddress(String text) {
        try {
            var _ = InetAddress.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A name of a machine, which may be an address. */
    static GeneralName of(String name) {
        return new GeneralName(isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    /** As a request has them. */
    List<GeneralName> general() {
        List<GeneralName> all = new ArrayList<>();
        hosts.forEach(host -> all.add(new GeneralName(GeneralName.dNSName, host)));
        addresses.forEach(address -> all.add(new GeneralName(GeneralName.iPAddress, address)));
        return all;
    }

    /** Whether a certificate is for all of them; it may be for more. */
    boolean areIn(X509Certificate certificate) {
        Set<String> names = new HashSet<>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            for (List<?> name : all == null ? List.<List<?>>of() : all) {
                if (name.get(1) instanceof String text) {
                    names.add(isAddress(text) ? InetAddress.ofLiteral(text).getHostAddress() : text);
                }
            }
        } catch (CertificateParsingException e) {
            return false;
        }
        return names.containsAll(hosts)
                && addresses.stream()
                        .allMatch(address -> names.contains(
                                isAddress(address)
                                        ? InetAddress.ofLiteral(address).getHostAddress()
                                        : address));
    }
}
