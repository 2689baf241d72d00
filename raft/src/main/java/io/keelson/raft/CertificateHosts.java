package io.keelson.raft;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * For which hosts a certificate holds, by its alternative names and by the rules of Go's {@code
 * x509.Certificate.VerifyHostname}, which are etcd's. An address, in brackets or not, is compared with addresses only and a
 * name with DNS names only, whatever the case. A wildcard in a certificate stands for the whole first label, and a dot at
 * the end of the asked name counts for nothing; both only between well-formed names, others have to be the same letter by
 * letter. The common name counts for nothing.
 */
public final class CertificateHosts {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private CertificateHosts() {}

    /** Whether it holds for a host, a DNS name or a literal address. */
    public static boolean hold(X509Certificate certificate, String host) throws CertificateParsingException {
        InetAddress address = address(host);
        return address == null
                ? namesOf(certificate).stream().anyMatch(name -> sameName(name, host))
                : alternatives(certificate, IP_ADDRESS).stream().anyMatch(value -> address.equals(address(value)));
    }

    /** All names and addresses it is for, the names first. */
    public static List<String> of(X509Certificate certificate) throws CertificateParsingException {
        List<String> all = new ArrayList<>(namesOf(certificate));
        all.addAll(alternatives(certificate, IP_ADDRESS));
        return all;
    }

    /** The DNS names it is for. */
    public static List<String> namesOf(X509Certificate certificate) throws CertificateParsingException {
        return alternatives(certificate, DNS_NAME);
    }

    private static List<String> alternatives(X509Certificate certificate, int type) throws CertificateParsingException {
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives == null) {
            return List.of();
        }
        List<String> values = new ArrayList<>();
        for (List<?> alternative : alternatives) {
            if (alternative.size() >= 2
                    && alternative.get(0) instanceof Integer kind
                    && kind == type
                    && alternative.get(1) instanceof String value) {
                values.add(value);
            }
        }
        return values;
    }

    /** Null for what is no literal address. */
    private static @Nullable InetAddress address(String text) {
        boolean brackets = text.length() >= 3 && text.startsWith("[") && text.endsWith("]");
        byte[] bytes =
                NetUtil.createByteArrayFromIpAddressString(brackets ? text.substring(1, text.length() - 1) : text);
        if (bytes == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /** Whether a name of a certificate, which may begin with {@code *.}, stands for a host. */
    public static boolean sameName(String pattern, String host) {
        String inCertificate = pattern.toLowerCase(Locale.ROOT);
        String asked = host.toLowerCase(Locale.ROOT);
        String name = asked.endsWith(".") ? asked.substring(0, asked.length() - 1) : asked;
        if (!wellFormed(name, false) || !wellFormed(inCertificate, true)) {
            return !asked.isEmpty() && !asked.equals(".") && asked.equals(inCertificate);
        }
        if (!inCertificate.startsWith("*.")) {
            return name.equals(inCertificate);
        }
        int dot = name.indexOf('.');
        return dot > 0 && name.substring(dot).equals(inCertificate.substring(1));
    }

    private static boolean wellFormed(String name, boolean wildcard) {
        if (name.equals("*")) {
            return false;
        }
        String[] labels = name.split("\\.", -1);
        for (int i = 0; i < labels.length; i++) {
            boolean any = wildcard && i == 0 && labels[i].equals("*");
            if (!any && !labels[i].matches("[a-z0-9_][a-z0-9_-]*")) {
                return false;
            }
        }
        return true;
    }
}
