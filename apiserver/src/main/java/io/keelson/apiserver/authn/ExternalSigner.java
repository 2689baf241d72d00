package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.MethodDescriptor;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.plugin.PluginChannel;
import io.keelson.apiserver.plugin.PluginException;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program on this machine that signs tokens of service accounts, with keys that never leave it: the API of version 1 of
 * external signers. Its public keys are fetched as often as it wants, and when a token names one that is not known, then at
 * most once in {@link #FETCH_EVERY} however many tokens do. While it cannot be reached, the keys that it had last are
 * believed, and no token can be made.
 */
public final class ExternalSigner implements ServiceAccountKeys, AutoCloseable {
    static final Duration FETCH_EVERY = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(ExternalSigner.class);

    private static final String SERVICE = "v1.ExternalJWTSigner";
    private static final MethodDescriptor<byte[], byte[]> SIGN = PluginChannel.method(SERVICE, "Sign");
    private static final MethodDescriptor<byte[], byte[]> FETCH_KEYS = PluginChannel.method(SERVICE, "FetchKeys");
    private static final MethodDescriptor<byte[], byte[]> METADATA = PluginChannel.method(SERVICE, "Metadata");
    private static final byte[] EMPTY = {};

    private static final int ANSWER_BYTES_MAX = 4 << 20;
    private static final int KEY_ID_CHARS_MAX = 1_024;
    private static final Set<String> ALGORITHMS = Set.of("RS256", "ES256", "ES384", "ES512");
    private static final Set<String> HEADER_FIELDS = Set.of("alg", "kid", "typ");
    private static final List<String> KEY_KINDS = List.of("RSA", "EC");

    /** The shortest life of a token that can be asked for. */
    private static final long TOKEN_SECONDS_MIN = 600;

    private static final Duration CALL_MAX = Duration.ofSeconds(60);
    private static final Duration METADATA_MAX = Duration.ofSeconds(10);
    /** For a token that names a key that is not known. */
    private static final Duration UNKNOWN_KEY_MAX = Duration.ofSeconds(10);

    private static final Duration FETCH_AGAIN = Duration.ofSeconds(10);

    private final PluginChannel channel;
    private final SignerMetrics metrics;
    private final InstantSource clock;
    private final long lifeMaxSeconds;
    private final ReentrantLock fetching = new ReentrantLock();
    private final Thread refreshing;
    private volatile Fetched fetched;
    private Instant lastTry = Instant.MIN;

    /**
     * A key of the signer.
     *
     * @param excluded whether others are not told of it
     */
    private record Key(String id, PublicKey key, boolean excluded) {}

    /**
     * What the signer said last.
     *
     * @param good for how long
     */
    private record Fetched(List<Key> keys, Instant when, Duration good) {}

    private ExternalSigner(PluginChannel channel, SignerMetrics metrics, InstantSource clock) throws IOException {
        this.channel = channel;
        this.metrics = metrics;
        this.clock = clock;
        try {
            this.fetched = fetch(CALL_MAX);
        } catch (IOException e) {
            throw new IOException(
                    "while initially filling key cache: while performing initial cache fill: " + e.getMessage(), e);
        }
        this.lifeMaxSeconds = SignerMessages.maxTokenExpirationSeconds(call(METADATA, EMPTY, METADATA_MAX));
        this.refreshing = Thread.ofVirtual().name("external signer's keys").unstarted(this::refresh);
    }

    /**
     * Connects to a signer, waits until it is there, and fetches its keys.
     *
     * @param socket where it listens
     * @throws IOException if it does not answer within a minute, or not as it should
     */
    public static ExternalSigner open(Path socket, Metrics metrics, InstantSource clock) throws IOException {
        PluginChannel channel = PluginChannel.to(socket, "external signer", ANSWER_BYTES_MAX);
        try {
            ExternalSigner signer = new ExternalSigner(channel, new SignerMetrics(metrics), clock);
            signer.refreshing.start();
            return signer;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * The longest life of tokens that it signs, within a bound of the server's own.
     *
     * @param stated the server's bound; zero for none
     * @throws IOException if it signs only shorter ones than the server may have to make
     */
    public Duration lifeMax(Duration stated) throws IOException {
        if (lifeMaxSeconds < TOKEN_SECONDS_MIN) {
            throw new IOException("max token life supported by external-jwt-signer (" + lifeMaxSeconds
                    + "s) is less than acceptable (min " + TOKEN_SECONDS_MIN + "s)");
        }
        Duration own = Duration.ofSeconds(lifeMaxSeconds);
        if (stated.compareTo(own) > 0) {
            throw new IOException("service-account-max-token-expiration cannot be set longer than the token expiration"
                    + " supported by service-account-signing-endpoint: " + shown(stated) + " > " + shown(own));
        }
        return stated.isZero() ? own : stated;
    }

    /** As Go writes durations of whole seconds: {@code 1h0m0s}. */
    private static String shown(Duration duration) {
        String seconds = duration.toSecondsPart() + "s";
        long hours = duration.toHours();
        if (hours > 0) {
            return hours + "h" + duration.toMinutesPart() + "m" + seconds;
        }
        return duration.toMinutesPart() > 0 ? duration.toMinutesPart() + "m" + seconds : seconds;
    }

    private byte[] call(MethodDescriptor<byte[], byte[]> method, byte[] request, Duration timeout)
            throws PluginException {
        long start = System.nanoTime();
        String status = PluginChannel.OK;
        try {
            return channel.call(method, request, timeout);
        } catch (PluginException e) {
            status = e.status();
            throw e;
        } finally {
            metrics.called("/" + method.getFullMethodName(), status, System.nanoTime() - start);
        }
    }

    private Fetched fetch(Duration timeout) throws IOException {
        try {
            SignerMessages.Keys answer;
            try {
                answer = SignerMessages.keys(call(FETCH_KEYS, EMPTY, timeout));
            } catch (IOException e) {
                throw new IOException("while getting externally supported jwt signing keys: " + e.getMessage(), e);
            }
            Instant now = clock.instant();
            Fetched made = read(answer, now);
            Instant data = answer.dataTimestamp();
            if (data == null) {
                throw new IOException("invalid data timestamp: invalid nil Timestamp");
            }
            metrics.fetched(now, data);
            return made;
        } catch (IOException e) {
            metrics.notFetched(e);
            throw new IOException("while fetching token verification keys: " + e.getMessage(), e);
        }
    }

    private static Fetched read(SignerMessages.Keys answer, Instant now) throws IOException {
        if (answer.refreshHintSeconds() <= 0) {
            throw new IOException("found invalid refresh hint (" + answer.refreshHintSeconds() + "s)");
        }
        if (answer.keys().isEmpty()) {
            throw new IOException("found no keys");
        }
        List<Key> keys = new ArrayList<>();
        for (SignerMessages.Key key : answer.keys()) {
            if (key.id().isEmpty() || key.id().length() > KEY_ID_CHARS_MAX) {
                throw new IOException("found invalid public key id " + GoText.quoted(key.id()));
            }
            if (key.bytes().length == 0) {
                throw new IOException("found empty public key");
            }
            keys.add(new Key(key.id(), parsed(key.bytes()), key.excluded()));
        }
        // What lies further ahead than anybody lives is no time that can be told.
        long seconds =
                Math.min(answer.refreshHintSeconds(), Duration.ofDays(36_500).toSeconds());
        return new Fetched(List.copyOf(keys), now, Duration.ofSeconds(seconds));
    }

    private static PublicKey parsed(byte[] der) throws IOException {
        for (String kind : KEY_KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                log.trace("a key of the external signer is no {} key", kind, e);
            }
        }
        throw new IOException("while parsing external public keys: neither an RSA key nor one of an elliptic curve");
    }

    /** Asks for the keys as often as the signer wants. */
    private void refresh() {
        Duration pause = fetched.good();
        try {
            while (true) {
                Thread.sleep(pause);
                fetching.lock();
                try {
                    fetched = fetch(CALL_MAX);
                    pause = fetched.good();
                } catch (IOException | RuntimeException | Error e) {
                    // Whatever it was: nobody else asks for them again.
                    log.warn("the external signer's keys of before are believed: {}", e.getMessage());
                    pause = FETCH_AGAIN;
                } finally {
                    fetching.unlock();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    /** Fetches the keys for a token whose key was not among those that were seen. */
    @SuppressWarnings("ReferenceEquality") // whether it is the same fetch, not whether it brought the same keys
    private Fetched fetchAfter(Fetched seen) {
        fetching.lock();
        try {
            Instant now = clock.instant();
            Instant before = lastTry;
            if (fetched == seen && !now.isBefore(before.plus(FETCH_EVERY))) {
                lastTry = now;
                try {
                    fetched = fetch(UNKNOWN_KEY_MAX);
                } catch (IOException e) {
                    if (Thread.currentThread().isInterrupted()) {
                        // The key may be there: tokens of others are not to be refused because of this request.
                        lastTry = before;
                        throw ApiException.interrupted();
                    }
                    log.warn("cannot fetch the keys of the external signer: {}", e.getMessage());
                }
            }
        } finally {
            fetching.unlock();
        }
        return fetched;
    }

    private List<Key> named(String keyId) {
        Fetched seen = fetched;
        List<Key> found = named(keyId, seen);
        return found.isEmpty() ? named(keyId, fetchAfter(seen)) : found;
    }

    private static List<Key> named(String keyId, Fetched among) {
        return keyId.isEmpty()
                ? among.keys()
                : among.keys().stream().filter(key -> key.id().equals(keyId)).toList();
    }

    @Override
    public List<PublicKey> candidates(String keyId) {
        return named(keyId).stream().map(Key::key).toList();
    }

    @Override
    public String sign(ObjectNode claims) {
        try {
            String token = signed(claims);
            metrics.signed();
            return token;
        } catch (IOException e) {
            metrics.notSigned(e);
            throw ApiException.internal("failed to generate token: " + e.getMessage(), e);
        }
    }

    private String signed(ObjectNode claims) throws IOException {
        String payload = Base64.getUrlEncoder().withoutPadding().encodeToString(Json.encode(claims));
        SignerMessages.Signature answer;
        try {
            answer = SignerMessages.signature(call(SIGN, SignerMessages.signRequest(payload), CALL_MAX));
        } catch (IOException e) {
            throw new IOException("while signing jwt: " + e.getMessage(), e);
        }
        try {
            check(answer.header());
        } catch (IOException e) {
            throw new IOException("while validating header: " + e.getMessage(), e);
        }
        if (answer.signature().isEmpty()) {
            throw new IOException("empty signature returned");
        }
        return answer.header() + "." + payload + "." + answer.signature();
    }

    /** A token that the signer makes is to be like those of this server, and others must be able to check it. */
    private void check(String header) throws IOException {
        ObjectNode fields;
        try {
            fields = Json.parseObject(Base64.getUrlDecoder().decode(header.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IllegalArgumentException e) {
            throw new IOException("while unwrapping header: " + e.getMessage(), e);
        } catch (MalformedException e) {
            throw new IOException("while parsing header JSON: " + e.message(), e);
        }
        for (Iterator<String> names = fields.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!HEADER_FIELDS.contains(name)) {
                throw new IOException("while parsing header JSON: json: unknown field " + GoText.quoted(name));
            }
        }
        if (!fields.path("typ").asText("").equals("JWT")) {
            throw new IOException("bad type");
        }
        String keyId = fields.path("kid").asText("");
        if (keyId.isEmpty()) {
            throw new IOException("key id missing");
        }
        if (keyId.length() > KEY_ID_CHARS_MAX) {
            throw new IOException("key id longer than 1 kb");
        }
        String algorithm = fields.path("alg").asText("");
        if (!ALGORITHMS.contains(algorithm)) {
            throw new IOException("bad signing algorithm " + GoText.quoted(algorithm));
        }
        if (named(keyId).stream().anyMatch(Key::excluded)) {
            throw new IOException("key used for signing JWT (kid: " + keyId + ") is excluded from OIDC discovery docs");
        }
    }

    /** Those that others are told of. */
    private List<Key> shown() throws IOException {
        List<Key> shown = fetched.keys().stream().filter(key -> !key.excluded()).toList();
        if (shown.isEmpty()) {
            throw new IOException("no keys provided for validating keyset");
        }
        return shown;
    }

    @Override
    public ObjectNode keySet() throws IOException {
        ObjectNode set = Json.object();
        ArrayNode keys = set.putArray("keys");
        for (Key key : shown()) {
            keys.add(TokenKeys.webKey(key.id(), key.key()));
        }
        return set;
    }

    @Override
    public List<String> algorithms() throws IOException {
        Set<String> algorithms = new TreeSet<>();
        for (Key key : shown()) {
            algorithms.add(TokenKeys.algorithm(key.key()).getName());
        }
        return List.copyOf(algorithms);
    }

    /** Until the keys are fetched again. */
    @Override
    public int maxAgeSeconds() {
        Fetched now = fetched;
        Duration left = Duration.between(clock.instant(), now.when().plus(now.good()));
        return Math.clamp(left.toSeconds(), 0, Integer.MAX_VALUE);
    }

    @Override
    public void close() {
        refreshing.interrupt();
        channel.close();
    }
}
