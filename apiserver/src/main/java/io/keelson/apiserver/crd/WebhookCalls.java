package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Calls one webhook over HTTPS. Answers are bounded in time and size, redirects are answers like any other (and no good
 * ones), and what goes wrong is told in the original's words.
 */
final class WebhookCalls {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final String UNVERIFIED = "tls: failed to verify certificate: x509: ";
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private final HttpClient client;

    /**
     * @param authorities whom its certificate must come from; null for those the platform trusts
     * @param name that the certificate must have; empty for the host of the URL
     */
    WebhookCalls(@Nullable List<X509Certificate> authorities, String name) throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(RemoteServer.of("", authorities).tls())
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(TIMEOUT);
        if (!name.isEmpty()) {
            SSLParameters parameters = new SSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            builder.sslParameters(parameters);
        }
        client = builder.build();
    }

    /** A call that brought nothing; the message is fit for the client. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String message) {
            super(message, null, false, false);
        }

        String message() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * Posts a review and returns the answer.
     *
     * @param address where the call goes
     * @param shown how the webhook is called in errors
     */
    ObjectNode post(URI address, String shown, ObjectNode review) throws FailedException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(withTimeout(address))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("User-Agent", "kube-apiserver-admission")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.encode(review)))
                .build();
        String post = "Post " + GoText.quoted(shown + "?timeout=" + TIMEOUT.toSeconds() + "s") + ": ";
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            byte[] body;
            try (InputStream in = response.body()) {
                body = in.readNBytes(ANSWER_BYTES_MAX + 1);
            }
            if (body.length > ANSWER_BYTES_MAX) {
                throw new FailedException(post + "the answer has more than " + ANSWER_BYTES_MAX + " bytes");
            }
            if (response.statusCode() < 200 || response.statusCode() > 299) {
                throw new FailedException(refusal(response, body));
            }
            return Json.parseObject(body);
        } catch (MalformedException e) {
            throw new FailedException("couldn't get version/kind; json parse error: " + e.message());
        } catch (IOException e) {
            throw new FailedException(post + reason(e, address));
        }
    }

    private static URI withTimeout(URI address) {
        return URI.create(address + (address.getRawQuery() == null ? "?" : "&") + "timeout=" + TIMEOUT.toSeconds() + "s");
    }

    private static String refusal(HttpResponse<?> response, byte[] body) {
        int status = response.statusCode();
        String type = response.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        String text = type.startsWith("text/") ? new String(body, StandardCharsets.UTF_8).strip() : "unknown";
        return switch (status) {
            case 400 -> "the server rejected our request for an unknown reason";
            case 401 -> "the server has asked for the client to provide credentials";
            case 403 -> text.equals("unknown") ? "forbidden" : text;
            case 404 -> "the server could not find the requested resource";
            case 405 -> "the server does not allow this method on the requested resource";
            case 503 -> text.equals("unknown") ? "the server is currently unable to handle the request" : text;
            case 504 -> "the server was unable to return a response in the time allotted, but may still be processing the request";
            default ->
                status >= 500
                        ? "an error on the server (" + GoText.quoted(text)
                                + ") has prevented the request from succeeding"
                        : "the server responded with the status code " + status + " but did not return more information";
        };
    }

    private static String reason(IOException failure, URI address) {
        String at = address.getHost() + ":" + (address.getPort() < 0 ? 443 : address.getPort());
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case HttpTimeoutException _ -> {
                    return "context deadline exceeded";
                }
                case UnresolvedAddressException _ -> {
                    return "dial tcp: lookup " + address.getHost() + ": no such host";
                }
                case CertPathValidatorException path
                when path.getReason() == CertPathValidatorException.BasicReason.EXPIRED
                        || path.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID -> {
                    return UNVERIFIED + "certificate has expired or is not yet valid";
                }
                case CertPathBuilderException _, CertPathValidatorException _ -> {
                    return UNVERIFIED + "certificate signed by unknown authority";
                }
                default -> {
                    // There may be more to find below.
                }
            }
        }
        return switch (failure) {
            case ConnectException _ -> "dial tcp " + at + ": connect: connection refused";
            case SSLException _ -> "tls: " + failure.getMessage();
            default -> {
                String message = failure.getMessage();
                yield message == null || message.contains("received no bytes") ? "EOF" : message;
            }
        };
    }
}
