package io.keelson.controllers.manager;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;

/**
 * Knows clients by their certificates: the common name is the user, the organizations are the groups. Every certificate
 * is let in at the handshake, as with the original: one that no authority vouches for tells nobody's name, and who
 * shows it may have a token.
 */
final class ClientCertificates {
    private static final String AUTHENTICATED = "system:authenticated";

    private final X509TrustManager authorities;

    private ClientCertificates(X509TrustManager authorities) {
        this.authorities = authorities;
    }

    /** Who shows a certificate. */
    record User(String name, List<String> groups) {
        User {
            groups = List.copyOf(groups);
        }
    }

    /**
     * Those of the authorities in a PEM file.
     *
     * @throws IOException if it cannot be read, or has no certificates in it
     */
    static ClientCertificates read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("authority-" + trusted.size(), certificate);
            }
            if (trusted.size() == 0) {
                throw new IOException(file + " has no certificates in it");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            return new ClientCertificates(Arrays.stream(managers.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .map(X509TrustManager.class::cast)
                    .findFirst()
                    .orElseThrow());
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " has no certificates in it: " + e.getMessage(), e);
        }
    }

    /** What lets certificates in at the handshake, and names the authorities to clients. */
    TrustManager atHandshake() {
        return new LettingIn(authorities.getAcceptedIssuers());
    }

    /** Who is at the other end; empty if he shows no certificate, or one that no authority vouches for now. */
    Optional<User> user(SSLSession session) {
        X509Certificate[] chain;
        try {
            chain = Arrays.stream(session.getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toArray(X509Certificate[]::new);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
        try {
            authorities.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
            X500Name subject = new JcaX509CertificateHolder(chain[0]).getSubject();
            List<String> names = values(subject, BCStyle.CN);
            List<String> groups = new ArrayList<>(values(subject, BCStyle.O));
            groups.add(AUTHENTICATED);
            return names.isEmpty() || names.getFirst().isEmpty()
                    ? Optional.empty()
                    : Optional.of(new User(names.getFirst(), groups));
        } catch (CertificateException e) {
            // Somebody's whom nobody here vouches for.
            return Optional.empty();
        }
    }

    private static List<String> values(X500Name subject, ASN1ObjectIdentifier kind) {
        List<String> values = new ArrayList<>();
        for (RDN name : subject.getRDNs(kind)) {
            values.add(IETFUtils.valueToString(name.getFirst().getValue()));
        }
        return values;
    }

    /** Looks at nothing but who the authorities are. */
    private static final class LettingIn extends X509ExtendedTrustManager {
        private final X509Certificate[] issuers;

        private LettingIn(X509Certificate[] issuers) {
            this.issuers = issuers.clone();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this is the server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is the server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this is the server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return issuers.clone();
        }
    }
}
