package io.keelson.benchmarks.load;

import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthenticateRequest;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** By what clusters are entered that are not open to everybody: files for TLS, and a user; flags as etcdctl's. */
final class ClusterAccess {
    /** Nothing is needed. */
    static final ClusterAccess OPEN = new ClusterAccess();

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final int ANSWER_SECONDS = 30;

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "Certificates of the authorities that may sign the servers'. Default: those of the JDK")
    private @Nullable Path trusted;

    @Option(names = "--cert", paramLabel = "FILE", description = "The certificate to identify with.")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Its private key.")
    private @Nullable Path key;

    @Option(names = "--insecure-skip-tls-verify", description = "Takes any server for the right one.")
    private boolean isUnverified;

    @Option(names = "--user", paramLabel = "NAME:PASSWORD", description = "Whose rights to use.")
    private String user = "";

    /** @throws IllegalArgumentException if a flag needs another one, or a file cannot be used */
    void check() {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("--cert and --key need each other: say both, or none");
        }
        if (!user.isEmpty() && user.indexOf(':') <= 0) {
            throw new IllegalArgumentException("--user is NAME:PASSWORD");
        }
        var _ = credentials(true);
    }

    /** Whether any of the files is given: then endpoints without a scheme are reached by TLS, too. */
    private boolean hasTls() {
        return trusted != null || certificate != null || isUnverified;
    }

    /**
     * What channels to an endpoint are made with.
     *
     * @param isSecure whether the endpoint says {@code https}
     */
    ChannelCredentials credentials(boolean isSecure) {
        if (!isSecure && !hasTls()) {
            return InsecureChannelCredentials.create();
        }
        TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
        try {
            if (isUnverified) {
                tls.trustManager(InsecureTrustManagerFactory.INSTANCE.getTrustManagers());
            } else if (trusted != null) {
                tls.trustManager(trusted.toFile());
            }
            if (certificate != null && key != null) {
                tls.keyManager(certificate.toFile(), key.toFile());
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the files for TLS cannot be used: " + e.getMessage(), e);
        }
        return tls.build();
    }

    /**
     * What calls carry besides what they ask.
     *
     * @param channel to ask for a token
     * @throws StatusRuntimeException if the user is not let in
     */
    ClientInterceptor headers(ManagedChannel channel) {
        Metadata headers = new Metadata();
        if (!user.isEmpty()) {
            int colon = user.indexOf(':');
            headers.put(
                    TOKEN,
                    AuthGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
                            .authenticate(AuthenticateRequest.newBuilder()
                                    .setName(user.substring(0, colon))
                                    .setPassword(user.substring(colon + 1))
                                    .build())
                            .getToken());
        }
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }
}
