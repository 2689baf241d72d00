package io.keelson.apiserver.webhook;

import io.keelson.apiserver.object.GoText;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in the words of the Kubernetes API server why a call brought no answer, or no good one. */
final class CallFailure {
    static final String DEADLINE = "context deadline exceeded";

    private static final String UNVERIFIED = "tls: failed to verify certificate: x509: ";

    /** Characters of an answer that are shown. */
    private static final int TEXT_MAX = 2048;

    private CallFailure() {}

    /** What an answer without success says. */
    static String refusal(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        String text = text(response);
        boolean unknown = text.equals("unknown");
        return switch (status) {
            case 400 -> unknown ? "the server rejected our request for an unknown reason" : text;
            case 401 -> unknown ? "the server has asked for the client to provide credentials" : text;
            case 403 -> unknown ? "forbidden" : text;
            case 404 -> "the server could not find the requested resource";
            case 405 -> unknown ? "the server does not allow this method on the requested resource" : text;
            case 409 -> "the server reported a conflict";
            case 422 -> "the server rejected our request due to an error in our request";
            case 429 -> "the server has received too many requests and has asked us to try again later";
            case 503 -> unknown ? "the server is currently unable to handle the request" : text;
            case 504 ->
                "the server was unable to return a response in the time allotted, but may still be processing the"
                        + " request";
            default ->
                status >= 500
                        ? "an error on the server (" + GoText.quoted(text)
                                + ") has prevented the request from succeeding"
                        : "the server responded with the status code " + status
                                + " but did not return more information";
        };
    }

    private static String text(HttpResponse<byte[]> response) {
        String type = response.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        if (!type.startsWith("text/")) {
            return "unknown";
        }
        byte[] body = response.body();
        String text = new String(body, 0, Math.min(body.length, TEXT_MAX), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "unknown" : text;
    }

    /** Why there is no answer. */
    static String text(@Nullable Throwable failure, URI address) {
        String host = address.getHost();
        String at = host + ":" + (address.getPort() < 0 ? 443 : address.getPort());
        String certificate = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case HttpTimeoutException _ -> {
                    return DEADLINE;
                }
                case UnresolvedAddressException _ -> {
                    return "dial tcp: lookup " + host + ": no such host";
                }
                case CertPathValidatorException path
                when path.getReason() == CertPathValidatorException.BasicReason.EXPIRED
                        || path.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID -> {
                    return UNVERIFIED + "certificate has expired or is not yet valid";
                }
                case CertPathBuilderException _, CertPathValidatorException _ -> {
                    return UNVERIFIED + "certificate signed by unknown authority";
                }
                case CertificateException wrong -> certificate = UNVERIFIED + wrong.getMessage();
                default -> {
                    // There may be more to find below.
                }
            }
        }
        if (certificate != null) {
            return certificate;
        }
        return switch (failure) {
            case ConnectException _ -> "dial tcp " + at + ": connect: connection refused";
            case SSLException tls -> "tls: " + tls.getMessage();
            case IOException broken -> ended(broken.getMessage());
            case null, default -> String.valueOf(failure);
        };
    }

    private static String ended(@Nullable String message) {
        if (message == null || message.contains("received no bytes") || message.contains("closed")) {
            return "EOF";
        }
        return message.startsWith("body exceeds capacity")
                ? "the answer has more than " + WebhookClient.ANSWER_BYTES_MAX + " bytes"
                : message;
    }
}
