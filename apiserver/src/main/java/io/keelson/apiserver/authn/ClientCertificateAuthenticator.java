package io.keelson.apiserver.authn;

import io.keelson.apiserver.certs.WatchedFile;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.UserInfo;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;

/**
 * Takes the client's certificate for what it says: the common name is the user, organizations are the groups. It must come
 * from one of the authorities. That a certificate holds is remembered until it ends or the authorities change, because
 * clients show the same one with every request.
 */
public final class ClientCertificateAuthenticator implements Authenticator {
    static final String CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";

    private static final int KNOWN_MAX = 4_096;

    private final Supplier<List<X509Certificate>> authorities;
    private final DoubleConsumer remaining;
    private final InstantSource clock;
    private final Map<X509Certificate, Known> known = new ConcurrentHashMap<>();

    /**
     * @param end of the whole chain
     * @param ownEndMillis of the certificate itself
     */
    private record Known(
            Optional<Authenticated> who, Instant end, long ownEndMillis, List<X509Certificate> authorities) {}

    /**
     * @param authorities the same list as long as they stay the same ({@link WatchedFile#current})
     * @param remaining is told for how many more seconds a certificate is valid, whenever one is shown; any thread
     */
    public ClientCertificateAuthenticator(
            Supplier<List<X509Certificate>> authorities, DoubleConsumer remaining, InstantSource clock) {
        this.authorities = authorities;
        this.remaining = remaining;
        this.clock = clock;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // another list is another reading of the file, even if it says the same
    public Optional<Authenticated> authenticate(ApiRequest request) throws AuthenticationException {
        List<X509Certificate> shown = request.clientCertificates();
        if (shown.isEmpty()) {
            return Optional.empty();
        }
        X509Certificate own = shown.getFirst();
        List<X509Certificate> trusted = authorities.get();
        Instant now = clock.instant();
        Known before = known.get(own);
        long ownEndMillis = before == null ? own.getNotAfter().toInstant().toEpochMilli() : before.ownEndMillis();
        remaining.accept((ownEndMillis - now.toEpochMilli()) / 1e3);
        if (before != null && before.authorities() == trusted && now.isBefore(before.end())) {
            return before.who();
        }
        Instant end = CertificateVerifier.verify(shown, trusted, now);
        Optional<Authenticated> who = user(own);
        if (known.size() >= KNOWN_MAX) {
            known.clear();
        }
        known.put(own, new Known(who, end, ownEndMillis, trusted));
        return who;
    }

    private static Optional<Authenticated> user(X509Certificate certificate) throws AuthenticationException {
        CertificateSubject subject = CertificateSubject.of(certificate);
        if (subject.commonName().isEmpty()) {
            return Optional.empty();
        }
        if (subject.uids().size() > 1) {
            throw new AuthenticationException("expected 1 UID, but found multiple");
        }
        if (subject.uids().contains("")) {
            throw new AuthenticationException("unable to parse UID into a string");
        }
        return Optional.of(Authenticated.of(new UserInfo(
                subject.commonName(),
                subject.uids().isEmpty() ? "" : subject.uids().getFirst(),
                subject.organizations(),
                Map.of(CREDENTIAL_ID, List.of("X509SHA256=" + fingerprint(certificate))))));
    }

    private static String fingerprint(X509Certificate certificate) throws AuthenticationException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new AuthenticationException("x509: malformed certificate");
        }
    }
}
