package io.keelson.apiserver.http;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's certificates, by the names that clients ask for, kept up to date with their files. A change that cannot be
 * read, or a key that does not belong to its certificate, is logged, and what was there stays in use. Thread-safe.
 */
final class ServerCertificates implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServerCertificates.class);
    private static final int SUBJECT_DNS_NAME = 2;

    /** @param version tells whether the files have changed */
    private record Loaded(SslContext main, Map<String, SslContext> named, String version) {}

    private final TlsSettings settings;
    private final List<String> protocols;
    private volatile Loaded loaded;
    private final @Nullable Thread watcher;

    /** @param http2 whether it is offered */
    ServerCertificates(TlsSettings settings, boolean http2) throws IOException, GeneralSecurityException {
        this.settings = settings;
        this.protocols = http2
                ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                : List.of(ApplicationProtocolNames.HTTP_1_1);
        this.loaded = load(version());
        this.watcher = files().isEmpty()
                ? null
                : Thread.ofVirtual().name("certificates").start(this::watch);
    }

    /** The certificate for a host, which may be null or anything else that a client sent. */
    SslContext forHost(@Nullable String host) {
        Loaded now = loaded;
        if (host == null || now.named.isEmpty()) {
            return now.main;
        }
        String name = host.toLowerCase(Locale.ROOT);
        SslContext exact = now.named.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        return dot < 0 ? now.main : now.named.getOrDefault("*" + name.substring(dot), now.main);
    }

    /** Reads the files again if they have changed. */
    void refresh() {
        try {
            String version = version();
            if (!version.equals(loaded.version)) {
                loaded = load(version);
                log.info("The server's certificates were read again");
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            log.warn("The server's certificates have changed, and cannot be read; the old ones stay in use", e);
        }
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(settings.reloadInterval());
                refresh();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Closed.
        }
    }

    private Loaded load(String version) throws IOException, GeneralSecurityException {
        Map<String, SslContext> named = new HashMap<>();
        for (TlsSettings.Named entry : settings.named()) {
            List<X509Certificate> chain = chain(entry.certificate());
            SslContext context = context(key(entry.certificate()), chain);
            for (String host : entry.hosts().isEmpty() ? hosts(chain.getFirst()) : entry.hosts()) {
                named.putIfAbsent(host.toLowerCase(Locale.ROOT), context);
            }
        }
        return new Loaded(context(key(settings.certificate()), chain(settings.certificate())), named, version);
    }

    private static PrivateKey key(CertificateSource source) throws IOException {
        return switch (source) {
            case CertificateSource.Files files -> PemFiles.key(files.key());
            case CertificateSource.Held held -> held.key();
        };
    }

    private static List<X509Certificate> chain(CertificateSource source) throws IOException, GeneralSecurityException {
        return switch (source) {
            case CertificateSource.Files files -> PemFiles.certificates(files.certificate());
            case CertificateSource.Held held -> held.chain();
        };
    }

    private static List<String> hosts(X509Certificate certificate) throws CertificateParsingException {
        List<String> hosts = new ArrayList<>();
        if (certificate.getSubjectAlternativeNames() != null) {
            for (List<?> name : certificate.getSubjectAlternativeNames()) {
                if (name.getFirst().equals(SUBJECT_DNS_NAME)) {
                    hosts.add(String.valueOf(name.get(1)));
                }
            }
        }
        return hosts;
    }

    private SslContext context(PrivateKey key, List<X509Certificate> chain) throws IOException {
        List<String> ciphers = new ArrayList<>(Http2SecurityUtil.CIPHERS);
        if (!settings.cipherSuites().isEmpty()) {
            ciphers.removeIf(cipher -> cipher.startsWith("TLS_ECDHE"));
            ciphers.addAll(settings.cipherSuites());
        }
        SslContextBuilder builder = SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new));
        if (!settings.groups().isEmpty()) {
            if (!OpenSsl.isAvailable()) {
                throw new IOException("the groups that keys are agreed on with can be chosen only with the native TLS"
                        + " library, which is not there: " + OpenSsl.unavailabilityCause());
            }
            builder.option(OpenSslContextOption.GROUPS, settings.groups().toArray(String[]::new));
        }
        return builder.sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols(settings.minVersion().equals("TLSv1.3") ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2"))
                .ciphers(ciphers, SupportedCipherSuiteFilter.INSTANCE)
                .clientAuth(ClientAuth.OPTIONAL)
                .trustManager(new AnyClientCertificate())
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocols))
                .build();
    }

    private List<Path> files() {
        List<CertificateSource> sources = new ArrayList<>();
        sources.add(settings.certificate());
        settings.named().forEach(named -> sources.add(named.certificate()));
        List<Path> files = new ArrayList<>();
        for (CertificateSource source : sources) {
            if (source instanceof CertificateSource.Files(Path certificate, Path key)) {
                files.add(certificate);
                files.add(key);
            }
        }
        return files;
    }

    /** A digest of all files; their times are not to be trusted, since mounted secrets change by a link. */
    private String version() throws IOException, GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Path file : files()) {
            digest.update(Files.readAllBytes(file));
            digest.update((byte) 0);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() {
        if (watcher != null) {
            watcher.interrupt();
        }
    }
}
