package io.keelson.kvstore.server.net;

import io.keelson.kvstore.server.config.TlsFiles;
import io.keelson.raft.CertificateHosts;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of the client listeners. The files are looked at, at most once a second, when a connection comes in, and read again
 * if one has changed; while a changed file cannot be read, what was read before stays in use, with a warning.
 */
final class ServerTls {
    private static final Logger log = LoggerFactory.getLogger(ServerTls.class);
    private static final long LOOK_INTERVAL_NANOS = 1_000_000_000L;

    private final TlsFiles files;
    private final Path certFile;
    private final Path keyFile;

    private @Nullable SslContext context;
    private List<X509CRL> revocations = List.of();
    private String stamp = "";
    private long lookedAtNanos;

    /**
     * @param files which certificates
     * @param certFile {@code files.certFile()}, or the generated one
     * @param keyFile {@code files.keyFile()}, or the generated one
     * @throws IllegalArgumentException if they cannot be read now
     */
    ServerTls(TlsFiles files, Path certFile, Path keyFile) {
        this.files = files;
        this.certFile = certFile;
        this.keyFile = keyFile;
        try {
            stamp = stampOfFiles();
            context = read();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "cannot use the certificate " + certFile + " with the key " + keyFile + ": " + e.getMessage(), e);
        }
        lookedAtNanos = System.nanoTime();
    }

    /** The context for a new connection. */
    synchronized SslContext context() {
        long now = System.nanoTime();
        if (now - lookedAtNanos > LOOK_INTERVAL_NANOS) {
            lookedAtNanos = now;
            String stampNow = stampOfFiles();
            if (!stampNow.equals(stamp)) {
                stamp = stampNow;
                try {
                    context = read();
                    log.info("certificates of client connections were read again from {}", certFile);
                } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
                    log.warn("cannot read changed certificates; the ones before stay in use", e);
                }
            }
        }
        SslContext usable = context;
        if (usable == null) {
            throw new IllegalStateException("no certificate could be read yet");
        }
        return usable;
    }

    private SslContext read() throws IOException, GeneralSecurityException {
        KeyPairCheck.check(certFile, keyFile);
        SslContextBuilder builder = SslContextBuilder.forServer(certFile.toFile(), keyFile.toFile())
                .sslProvider(SslProvider.JDK)
                .protocols(files.protocols())
                .clientAuth(files.wantsClientCertificates() ? ClientAuth.REQUIRE : ClientAuth.NONE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2,
                        ApplicationProtocolNames.HTTP_1_1));
        if (!files.cipherSuites().isEmpty()) {
            builder.ciphers(files.cipherSuites());
        }
        Path ca = files.trustedCaFile();
        if (ca != null) {
            builder.trustManager(ca.toFile());
        }
        Path crl = files.crlFile();
        revocations = crl == null ? List.of() : readRevocations(crl);
        return builder.build();
    }

    private static List<X509CRL> readRevocations(Path file) throws IOException, GeneralSecurityException {
        List<X509CRL> lists = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            for (var crl : CertificateFactory.getInstance("X.509").generateCRLs(in)) {
                if (crl instanceof X509CRL list) {
                    lists.add(list);
                }
            }
        }
        if (lists.isEmpty()) {
            throw new CertificateException(file + " holds no revocation list");
        }
        return lists;
    }

    private String stampOfFiles() {
        StringBuilder text = new StringBuilder();
        Stream.of(certFile, keyFile, files.trustedCaFile(), files.crlFile()).forEach(file -> {
            if (file == null) {
                return;
            }
            try {
                text.append(Files.getLastModifiedTime(file))
                        .append(' ')
                        .append(Files.size(file))
                        .append(';');
            } catch (IOException e) {
                // Being replaced at this moment, perhaps: the next look will tell.
                text.append("missing;");
            }
        });
        return text.toString();
    }

    /** Why a client with this certificate is not let in, beyond what the handshake has checked; null if it is. */
    @Nullable
    String refusal(SSLSession session) {
        List<String> names = files.allowedHostnames();
        List<X509CRL> lists;
        synchronized (this) {
            lists = revocations;
        }
        if (!files.wantsClientCertificates() || (names.isEmpty() && lists.isEmpty())) {
            return null;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            for (Certificate certificate : chain) {
                for (X509CRL list : lists) {
                    if (list.isRevoked(certificate)) {
                        return "certificate is revoked";
                    }
                }
            }
            if (names.isEmpty() || (chain[0] instanceof X509Certificate leaf && holdsForAnyOf(leaf, names))) {
                return null;
            }
            return "client certificate authentication failed: no allowed hostname";
        } catch (SSLPeerUnverifiedException e) {
            return "no client certificate";
        } catch (CertificateException e) {
            return "client certificate cannot be read: " + e.getMessage();
        }
    }

    private static boolean holdsForAnyOf(X509Certificate leaf, List<String> hosts) throws CertificateException {
        for (String host : hosts) {
            if (CertificateHosts.hold(leaf, host)) {
                return true;
            }
        }
        return false;
    }
}
