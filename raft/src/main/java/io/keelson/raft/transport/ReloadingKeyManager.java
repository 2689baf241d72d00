package io.keelson.raft.transport;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Shows one certificate chain, as its files say at the time of each handshake. */
final class ReloadingKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "peer";

    private record Identity(X509Certificate[] chain, PrivateKey key) {}

    private final WatchedFiles<Identity> files;

    ReloadingKeyManager(Path certFile, Path keyFile) throws IOException {
        files = new WatchedFiles<>(List.of(certFile, keyFile), () -> read(certFile, keyFile));
    }

    private static Identity read(Path certFile, Path keyFile) throws IOException {
        X509Certificate[] chain = PemFiles.certificates(certFile).toArray(new X509Certificate[0]);
        PrivateKey key = PemFiles.privateKey(keyFile);
        String certified = chain[0].getPublicKey().getAlgorithm();
        if (!certified.equals(key.getAlgorithm())
                && !(certified.startsWith("Ed") && key.getAlgorithm().startsWith("Ed"))) {
            throw new IOException(keyFile + ": a key of kind " + key.getAlgorithm() + " does not belong to the "
                    + certified + " certificate in " + certFile);
        }
        return new Identity(chain, key);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String chooseClientAlias(String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return ALIAS;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return fits(keyType) ? ALIAS : null;
    }

    @Override
    public String chooseEngineClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return ALIAS;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return fits(keyType) ? ALIAS : null;
    }

    /** Whether a server asked for a certificate of a kind ({@code RSA}, {@code EC}, {@code EdDSA}) has one of it. */
    private boolean fits(String keyType) {
        String algorithm = files.current().key().getAlgorithm();
        return keyType.startsWith(algorithm) || (keyType.equals("EdDSA") && algorithm.startsWith("Ed"));
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return files.current().chain().clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return files.current().key();
    }
}
