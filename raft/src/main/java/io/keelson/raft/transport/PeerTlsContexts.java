package io.keelson.raft.transport;

import io.grpc.netty.GrpcSslContexts;
import io.keelson.raft.PeerTls;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Both ends' TLS, made once; what the files say is looked at again at each handshake.
 *
 * @param looksWhereCallersComeFrom see {@link CallerOrigin}
 * @param serverName see {@link PeerTls}
 */
record PeerTlsContexts(
        SslContext server,
        SslContext client,
        boolean looksWhereCallersComeFrom,
        @Nullable String serverName) {
    /** @throws IOException naming the file and what is wrong with it */
    static PeerTlsContexts of(PeerTls tls) throws IOException {
        TrustManager trust = tls.anyone()
                ? new TrustInAnyone()
                : new ReloadingTrustManager(tls.trustedCaFile(), tls.crlFile(), tls.allowedCn(), tls.allowedHostname());
        ReloadingKeyManager serverKey = new ReloadingKeyManager(tls.certFile(), tls.keyFile());
        Path clientCert = tls.clientCertFile();
        Path clientKey = tls.clientKeyFile();
        if ((clientCert == null) != (clientKey == null)) {
            throw new IOException("the peer client certificate and its key must be given together: "
                    + (clientCert == null ? clientKey : clientCert) + " stands alone");
        }
        ReloadingKeyManager ownKey =
                clientCert == null || clientKey == null ? serverKey : new ReloadingKeyManager(clientCert, clientKey);
        SslContext server = limited(tls, SslContextBuilder.forServer(serverKey))
                .trustManager(trust)
                .clientAuth(
                        // As in etcd: who names an authority wants its certificates, with or without the flag.
                        tls.clientCertAuth() || tls.trustedCaFile() != null ? ClientAuth.REQUIRE : ClientAuth.NONE)
                .build();
        SslContext client = limited(tls, SslContextBuilder.forClient())
                .keyManager(ownKey)
                .trustManager(trust)
                .build();
        return new PeerTlsContexts(server, client, !tls.skipClientSanVerification(), tls.serverName());
    }

    private static SslContextBuilder limited(PeerTls tls, SslContextBuilder builder) {
        GrpcSslContexts.configure(builder, SslProvider.JDK);
        if (!tls.cipherSuites().isEmpty()) {
            builder.ciphers(tls.cipherSuites());
        }
        return tls.protocols().isEmpty() ? builder : builder.protocols(tls.protocols());
    }
}
