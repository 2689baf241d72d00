package io.keelson.agent.certificates;

import io.keelson.controllers.manager.CertifiedKey;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** What handshakes show: the pair that counts at that moment, whoever asks. Without one they fail. Any thread. */
final class ShownKey extends X509ExtendedKeyManager {
    /** A handshake that has begun ends with the pair that it began with. */
    private record Named(String alias, CertifiedKey pair) {}

    private volatile List<Named> newestFirst = List.of();
    private long number;

    synchronized void set(CertifiedKey now) {
        Named next = new Named(Long.toString(++number), now);
        List<Named> before = newestFirst;
        newestFirst = before.isEmpty() ? List.of(next) : List.of(next, before.getFirst());
    }

    Optional<CertifiedKey> get() {
        return newestFirst.stream().findFirst().map(Named::pair);
    }

    private Optional<CertifiedKey> named(String alias) {
        return newestFirst.stream()
                .filter(named -> named.alias().equals(alias))
                .findFirst()
                .map(Named::pair);
    }

    /** The one that counts, if its key is of one of the types that the other side can take. */
    private @Nullable String choose(String... types) {
        return newestFirst.stream()
                .findFirst()
                .filter(named -> Arrays.stream(types).anyMatch(type -> isOf(named.pair(), type)))
                .map(Named::alias)
                .orElse(null);
    }

    /**
     * Types are {@code EC}, {@code RSA}, {@code RSASSA-PSS}, {@code EdDSA}, and those with how they exchange keys
     * after them.
     */
    private static boolean isOf(CertifiedKey pair, String type) {
        String algorithm = pair.certificate().getPublicKey().getAlgorithm();
        return type.startsWith(algorithm) || (type.startsWith("Ed") && algorithm.startsWith("Ed"));
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        String alias = choose(keyType);
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose(keyTypes);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose(keyTypes);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return getClientAliases(keyType, issuers);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose(keyType);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose(keyType);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return named(alias)
                .map(shown -> shown.chain().toArray(X509Certificate[]::new))
                .orElse(null);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return named(alias).map(CertifiedKey::key).orElse(null);
    }
}
