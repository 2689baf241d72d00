package io.keelson.raft.transport;

import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** The names that a certificate is made out to, compared as Go's {@code x509} compares them, which etcd uses. */
final class CertificateNames {
    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;
    private static final Pattern IP_V4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]*)");

    private CertificateNames() {}

    /** The common name of the subject, the last one if there are several; empty if there is none. */
    static String commonName(X509Certificate certificate) throws CertificateException {
        try {
            String found = "";
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    found = String.valueOf(part.getValue());
                }
            }
            return found;
        } catch (InvalidNameException e) {
            throw new CertificateException("the certificate's subject is malformed", e);
        }
    }

    /**
     * Whether a certificate is valid for a host by its alternative names: an IP address by one of its addresses, in whatever
     * way it is written, any other by one of its DNS names, whose first label may be {@code *}; capitals do not matter.
     */
    static boolean validFor(X509Certificate certificate, String host) throws CertificateException {
        String literal = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        InetAddress address = address(literal);
        if (address != null) {
            return alternatives(certificate, SAN_IP).stream().anyMatch(candidate -> address.equals(address(candidate)));
        }
        return alternatives(certificate, SAN_DNS).stream().anyMatch(pattern -> matches(pattern, host));
    }

    private static @Nullable InetAddress address(String text) {
        if (!text.contains(":") && !IP_V4.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null; // A colon or digits do not make an address of it.
        }
    }

    private static boolean matches(String pattern, String host) {
        String wanted = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
        String given = pattern.toLowerCase(Locale.ROOT);
        if (wanted.isEmpty() || given.isEmpty()) {
            return false;
        }
        String[] wantedLabels = wanted.split("\\.", -1);
        String[] givenLabels = given.split("\\.", -1);
        if (!given.startsWith("*.") || !areLabels(wantedLabels, 0) || !areLabels(givenLabels, 1)) {
            return given.equals(wanted);
        }
        return wantedLabels.length == givenLabels.length
                && wanted.substring(wantedLabels[0].length()).equals(given.substring(1));
    }

    private static boolean areLabels(String[] labels, int from) {
        for (int i = from; i < labels.length; i++) {
            if (!LABEL.matcher(labels[i]).matches()) {
                return false;
            }
        }
        return true;
    }

    private static List<String> alternatives(X509Certificate certificate, int kind) throws CertificateException {
        List<String> names = new ArrayList<>();
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            for (List<?> alternative : alternatives) {
                if (alternative.get(0).equals(kind)) {
                    names.add(String.valueOf(alternative.get(1)));
                }
            }
        }
        return names;
    }
}
