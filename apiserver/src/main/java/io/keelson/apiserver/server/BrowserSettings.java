package io.keelson.apiserver.server;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What browsers are told.
 *
 * @param allowedOrigins regular expressions for the origins of pages that may use the API (CORS); empty for none
 * @param transportDirectives of {@code Strict-Transport-Security}; empty for no such header
 */
public record BrowserSettings(List<String> allowedOrigins, List<String> transportDirectives) {
    public static final BrowserSettings NONE = new BrowserSettings(List.of(), List.of());

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public BrowserSettings {
        allowedOrigins = List.copyOf(allowedOrigins);
        transportDirectives = List.copyOf(transportDirectives);
        allowedOrigins.forEach(BrowserSettings::requireOrigin);
        transportDirectives.forEach(BrowserSettings::requireDirective);
    }

    private static void requireOrigin(String expression) {
        if (expression.isEmpty()) {
            throw new IllegalArgumentException("empty value in --cors-allowed-origins");
        }
        try {
            var _ = Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw refused(e.getMessage(), e);
        }
        // Else it would fit hosts that only begin or end so (CVE-2022-1996).
        boolean pinsStart = expression.contains("^") || expression.contains("//");
        boolean pinsEnd = expression.contains("$") || expression.contains(":");
        if (!pinsStart || !pinsEnd) {
            throw refused("regular expression does not pin to start/end of host in the origin header", null);
        }
    }

    private static IllegalArgumentException refused(@Nullable String why, @Nullable Exception cause) {
        return new IllegalArgumentException("--cors-allowed-origins has an invalid regular expression: " + why, cause);
    }

    private static void requireDirective(String directive) {
        if (directive.isBlank()) {
            throw new IllegalArgumentException("empty value in strict-transport-security-directives");
        }
        if (!directive.equals("includeSubDomains")
                && !directive.equals("preload")
                && !directive.matches("max-age=[^=]*")) {
            throw new IllegalArgumentException("--strict-transport-security-directives invalid, allowed values:"
                    + " max-age=expireTime, includeSubDomains, preload. see"
                    + " https://tools.ietf.org/html/rfc6797#section-6.1 for more information");
        }
    }
}
