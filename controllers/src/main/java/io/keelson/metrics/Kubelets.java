package io.keelson.metrics;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.keelson.controllers.manager.CertifiedKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Asks kubelets what is used on their nodes. Any thread. */
final class Kubelets implements AutoCloseable {
    /** A node with a thousand containers says less than one. */
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private static final Duration LOOK_FOR_TOKEN = Duration.ofMinutes(1);

    private final Duration timeout;
    private final InstantSource clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;
    private final boolean showsToken;
    private Config credentials;
    private long tokenRead = System.nanoTime();

    /**
     * With the rights that this process has at the API.
     *
     * @param config how the API is reached
     * @throws IOException if a file of certificates cannot be used
     */
    Kubelets(KubeletSettings settings, Config config, InstantSource clock) throws IOException {
        timeout = settings.timeout();
        this.clock = clock;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeout())
                .executor(threads)
                .sslContext(tls(settings, config))
                .build();
        showsToken = settings.certificate() == null;
        credentials = config;
    }

    private static SSLContext tls(KubeletSettings settings, Config config) throws IOException {
        try {
            KeyManager @Nullable [] keys = settings.certificate() == null || settings.key() == null
                    ? SSLUtils.keyManagers(config)
                    : CertifiedKey.read(settings.certificate(), settings.key()).managers();
            TrustManager @Nullable [] trusted = settings.authority() == null
                    ? SSLUtils.trustManagers(
                            config.getCaCertData(), config.getCaCertFile(), settings.isInsecure(), null, null)
                    : SSLUtils.trustManagers(null, settings.authority().toString(), settings.isInsecure(), null, null);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trusted, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates for kubelets cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Asks one.
     *
     * @throws IOException if there is no answer in time, or none that makes sense; with why, for people
     */
    KubeletSample ask(URI kubelet) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(kubelet)
                .timeout(timeout)
                .header("Accept", "text/plain;version=0.0.4;charset=utf-8,text/plain;q=0.5");
        String shown = token();
        if (shown != null) {
            request.header("Authorization", "Bearer " + shown);
        }
        CompletableFuture<HttpResponse<byte[]>> coming = http.sendAsync(
                request.build(),
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
        try {
            HttpResponse<byte[]> answer = coming.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() != 200) {
                throw new IOException("request failed, status: " + answer.statusCode());
            }
            return KubeletSample.parse(answer.body(), clock.instant());
        } catch (ExecutionException e) {
            throw new IOException(
                    e.getCause() == null ? e.toString() : e.getCause().toString(), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + timeout.toMillis() + " ms", e);
        } catch (IllegalArgumentException e) {
            throw new IOException("unable to decode metrics: " + e.getMessage(), e);
        } finally {
            coming.cancel(true);
        }
    }

    /** A token in a pod is another one after a while, and so may be what is in a kubeconfig. */
    private synchronized @Nullable String token() {
        if (!showsToken) {
            return null;
        }
        if (System.nanoTime() - tokenRead > LOOK_FOR_TOKEN.toNanos()) {
            tokenRead = System.nanoTime();
            credentials = credentials.refresh();
        }
        if (credentials.getOauthTokenProvider() != null) {
            return credentials.getOauthTokenProvider().getToken();
        }
        return credentials.getOauthToken() != null ? credentials.getOauthToken() : credentials.getAutoOAuthToken();
    }

    @Override
    public void close() {
        http.shutdownNow();
        threads.shutdownNow();
    }
}
