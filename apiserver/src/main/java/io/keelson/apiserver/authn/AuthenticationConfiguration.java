package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.ConfigShape;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.egress.EgressType;
import io.keelson.apiserver.object.GoText;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a file of kind AuthenticationConfiguration says ({@code --authentication-config}).
 *
 * @param issuers OpenID providers
 * @param anonymous whom nobody may be; empty if the file says nothing about it, which leaves it to the flag
 */
public record AuthenticationConfiguration(List<JwtIssuer> issuers, Optional<Anonymous> anonymous) {
    private static final List<String> VERSIONS = List.of(
            "apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1", "apiserver.config.k8s.io/v1alpha1");
    private static final ConfigShape.Fields CLAIM = ConfigShape.object().texts("claim", "prefix", "expression");
    private static final ConfigShape.Fields SHAPE = ConfigShape.document()
            .list(
                    "jwt",
                    ConfigShape.object()
                            .field(
                                    "issuer",
                                    ConfigShape.object()
                                            .texts("url", "discoveryURL", "certificateAuthority", "audienceMatchPolicy")
                                            .texts("egressSelectorType")
                                            .lists("audiences"))
                            .list(
                                    "claimValidationRules",
                                    ConfigShape.object().texts("claim", "requiredValue", "expression", "message"))
                            .field(
                                    "claimMappings",
                                    ConfigShape.object()
                                            .field("username", CLAIM)
                                            .field("groups", CLAIM)
                                            .field("uid", ConfigShape.object().texts("claim", "expression"))
                                            .list("extra", ConfigShape.object().texts("key", "valueExpression")))
                            .list("userValidationRules", ConfigShape.object().texts("expression", "message")))
            .field(
                    "anonymous",
                    ConfigShape.object()
                            .flags("enabled")
                            .list("conditions", ConfigShape.object().texts("path")));
    private static final int ISSUERS_MAX = 64;
    private static final Pattern EMAIL = Pattern.compile("claims\\.email\\b(?!_)");
    private static final String EMAIL_VERIFIED = "claims.email_verified";

    /** @param paths where; empty for everywhere */
    public record Anonymous(boolean enabled, Set<String> paths) {
        public Anonymous {
            paths = Set.copyOf(paths);
        }
    }

    public AuthenticationConfiguration {
        issuers = List.copyOf(issuers);
    }

    /** @throws IOException with what is wrong with it, and where */
    public static AuthenticationConfiguration parse(ObjectNode file) throws IOException {
        ConfigFile.require(file, "AuthenticationConfiguration", VERSIONS);
        SHAPE.require(file);
        List<JwtIssuer> issuers = new ArrayList<>();
        Set<String> urls = new HashSet<>();
        Set<String> discoveryUrls = new HashSet<>();
        for (JsonNode entry : file.path("jwt")) {
            if (issuers.size() == ISSUERS_MAX) {
                throw new IOException("jwt: Too many: must have at most " + ISSUERS_MAX + " items");
            }
            String path = "jwt[" + issuers.size() + "]";
            JwtIssuer issuer = issuer(entry, path);
            if (!urls.add(issuer.url())) {
                throw new IOException(path + ".issuer.url: Duplicate value: " + GoText.quoted(issuer.url()));
            }
            if (!issuer.discoveryUrl().isEmpty() && !discoveryUrls.add(issuer.discoveryUrl())) {
                throw new IOException(
                        path + ".issuer.discoveryURL: Duplicate value: " + GoText.quoted(issuer.discoveryUrl()));
            }
            issuers.add(issuer);
        }
        return new AuthenticationConfiguration(issuers, anonymous(file.path("anonymous")));
    }

    private static Optional<Anonymous> anonymous(JsonNode anonymous) throws IOException {
        if (!anonymous.isObject()) {
            return Optional.empty();
        }
        Set<String> paths = new LinkedHashSet<>();
        anonymous
                .path("conditions")
                .forEach(condition -> paths.add(condition.path("path").asText()));
        boolean enabled = anonymous.path("enabled").asBoolean();
        if (!enabled && !paths.isEmpty()) {
            throw new IOException(
                    "anonymous.conditions: Invalid value: enabled should be set to true when conditions are defined");
        }
        return Optional.of(new Anonymous(enabled, paths));
    }

    private static JwtIssuer issuer(JsonNode entry, String path) throws IOException {
        JsonNode issuer = entry.path("issuer");
        String url = issuer.path("url").asText();
        requireHttps(url, path + ".issuer.url");
        String discoveryUrl = issuer.path("discoveryURL").asText();
        if (!discoveryUrl.isEmpty()) {
            requireHttps(discoveryUrl, path + ".issuer.discoveryURL");
            if (discoveryUrl.equals(url)) {
                throw new IOException(path + ".issuer.discoveryURL: Invalid value: " + GoText.quoted(discoveryUrl)
                        + ": discoveryURL must be different from URL");
            }
        }
        List<String> audiences = audiences(issuer, path + ".issuer");
        Map<String, String> required = new LinkedHashMap<>();
        List<JwtIssuer.Rule> claimRules = new ArrayList<>();
        claimRules(entry.path("claimValidationRules"), path + ".claimValidationRules", required, claimRules);
        JsonNode mappings = entry.path("claimMappings");
        ClaimMapping username = mapping(mappings.path("username"), path + ".claimMappings.username", true);
        if (username instanceof ClaimMapping.Nothing) {
            throw new IOException(path + ".claimMappings.username: Required value: claim or expression is required");
        }
        Map<String, ClaimMapping> extra = extra(mappings.path("extra"), path + ".claimMappings.extra");
        checkEmail(username, extra, claimRules, path);
        List<JwtIssuer.Rule> userRules = new ArrayList<>();
        userRules(entry.path("userValidationRules"), path + ".userValidationRules", userRules);
        return new JwtIssuer(
                url,
                discoveryUrl,
                authorities(issuer.path("certificateAuthority").asText(), path),
                egress(issuer.path("egressSelectorType").asText(), path + ".issuer.egressSelectorType"),
                audiences,
                SignedToken.ALGORITHMS,
                required,
                claimRules,
                username,
                mapping(mappings.path("groups"), path + ".claimMappings.groups", true),
                mapping(mappings.path("uid"), path + ".claimMappings.uid", false),
                extra,
                userRules);
    }

    private static List<String> audiences(JsonNode issuer, String path) throws IOException {
        List<String> audiences = new ArrayList<>();
        for (JsonNode entry : issuer.path("audiences")) {
            String audience = entry.asText();
            String place = path + ".audiences[" + audiences.size() + "]";
            if (audience.isEmpty()) {
                throw new IOException(place + ": Required value: audience can't be empty");
            }
            if (audiences.contains(audience)) {
                throw new IOException(place + ": Duplicate value: " + GoText.quoted(audience));
            }
            audiences.add(audience);
        }
        if (audiences.isEmpty()) {
            throw new IOException(path + ".audiences: Required value: at least one jwt.issuer.audiences is required");
        }
        String policy = issuer.path("audienceMatchPolicy").asText();
        boolean any = policy.equals("MatchAny");
        if (!any && (audiences.size() > 1 || !policy.isEmpty())) {
            throw new IOException(path + ".audienceMatchPolicy: Invalid value: " + GoText.quoted(policy)
                    + ": audienceMatchPolicy must be "
                    + (audiences.size() > 1
                            ? "MatchAny for multiple audiences"
                            : "empty or MatchAny for single audience"));
        }
        return audiences;
    }

    private static @Nullable EgressType egress(String type, String path) throws IOException {
        return switch (type) {
            case "" -> null;
            case "controlplane" -> EgressType.CONTROL_PLANE;
            case "cluster" -> EgressType.CLUSTER;
            default ->
                throw new IOException(path + ": Invalid value: " + GoText.quoted(type)
                        + ": egress selector must be either controlplane or cluster");
        };
    }

    private static void requireHttps(String url, String path) throws IOException {
        if (url.isEmpty()) {
            throw new IOException(path + ": Required value: URL is required");
        }
        try {
            URI uri = new URI(url);
            String wrong = !"https".equals(uri.getScheme())
                    ? "URL scheme must be https"
                    : uri.getRawUserInfo() != null
                            ? "URL must not contain a username or password"
                            : uri.getRawQuery() != null
                                    ? "URL must not contain a query"
                                    : uri.getRawFragment() != null ? "URL must not contain a fragment" : "";
            if (!wrong.isEmpty()) {
                throw new IOException(path + ": Invalid value: " + GoText.quoted(url) + ": " + wrong);
            }
        } catch (URISyntaxException e) {
            throw new IOException(path + ": Invalid value: " + GoText.quoted(url) + ": malformed", e);
        }
    }

    private static @Nullable List<X509Certificate> authorities(String pem, String path) throws IOException {
        if (pem.isEmpty()) {
            return null;
        }
        try {
            return Pem.certificates(pem.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IOException(path + ".issuer.certificateAuthority: Invalid value: " + e.getMessage(), e);
        }
    }

    private static void claimRules(
            JsonNode rules, String path, Map<String, String> required, List<JwtIssuer.Rule> expressions)
            throws IOException {
        Set<String> seen = new HashSet<>();
        int index = 0;
        for (JsonNode rule : rules) {
            String place = path + "[" + index++ + "]";
            String claim = rule.path("claim").asText();
            String expression = rule.path("expression").asText();
            if (claim.isEmpty() && expression.isEmpty()) {
                throw new IOException(place + ": Required value: claim or expression is required");
            }
            if (!claim.isEmpty() && !expression.isEmpty()) {
                throw new IOException(place + ": Invalid value: " + GoText.quoted(claim)
                        + ": claim and expression can't both be set");
            }
            if (expression.isEmpty()) {
                refuseText(rule, "message", "claim", place);
                if (required.put(claim, rule.path("requiredValue").asText()) != null) {
                    throw new IOException(place + ".claim: Duplicate value: " + GoText.quoted(claim));
                }
            } else {
                refuseText(rule, "requiredValue", "expression", place);
                requireNew(seen, expression, place);
                expressions.add(new JwtIssuer.Rule(
                        AuthenticationExpressions.claimRule(expression, place + ".expression"),
                        rule.path("message").asText()));
            }
        }
    }

    private static void userRules(JsonNode rules, String path, List<JwtIssuer.Rule> expressions) throws IOException {
        Set<String> seen = new HashSet<>();
        int index = 0;
        for (JsonNode rule : rules) {
            String place = path + "[" + index++ + "]";
            String expression = rule.path("expression").asText();
            requireNew(seen, expression, place);
            expressions.add(new JwtIssuer.Rule(
                    AuthenticationExpressions.userRule(expression, place + ".expression"),
                    rule.path("message").asText()));
        }
    }

    private static void refuseText(JsonNode rule, String field, String beside, String place) throws IOException {
        String text = rule.path(field).asText();
        if (!text.isEmpty()) {
            throw new IOException(place + "." + field + ": Invalid value: " + GoText.quoted(text) + ": " + field
                    + " can't be set when " + beside + " is set");
        }
    }

    private static void requireNew(Set<String> seen, String expression, String place) throws IOException {
        if (!seen.add(expression)) {
            throw new IOException(place + ".expression: Duplicate value: " + GoText.quoted(expression));
        }
    }

    /** @param prefixed whether a claim needs a prefix, be it an empty one */
    private static ClaimMapping mapping(JsonNode mapping, String path, boolean prefixed) throws IOException {
        String claim = mapping.path("claim").asText();
        String expression = mapping.path("expression").asText();
        if (claim.isEmpty() && expression.isEmpty()) {
            return new ClaimMapping.Nothing();
        }
        if (!claim.isEmpty() && !expression.isEmpty()) {
            throw new IOException(path + ": Invalid value: claim and expression can't both be set");
        }
        if (!expression.isEmpty()) {
            if (mapping.hasNonNull("prefix")) {
                throw new IOException(path + ": Invalid value: prefix can't be set when expression is set");
            }
            return new ClaimMapping.ByExpression(AuthenticationExpressions.mapping(expression, path + ".expression"));
        }
        if (prefixed && !mapping.hasNonNull("prefix")) {
            throw new IOException(path + ".prefix: Required value: prefix is required when claim is set. It can be set"
                    + " to an empty string to disable prefixing");
        }
        return new ClaimMapping.ByClaim(claim, mapping.path("prefix").asText());
    }

    private static Map<String, ClaimMapping> extra(JsonNode entries, String path) throws IOException {
        Map<String, ClaimMapping> extra = new LinkedHashMap<>();
        for (JsonNode entry : entries) {
            String key = entry.path("key").asText();
            String host = key.substring(0, Math.max(0, key.indexOf('/')));
            if (host.isEmpty() || key.endsWith("/")) {
                throw new IOException(path + ".key: Invalid value: " + GoText.quoted(key)
                        + ": must be a domain-prefixed path (such as \"acme.io/foo\")");
            }
            if (!key.equals(key.toLowerCase(Locale.ROOT))) {
                throw new IOException(path + ".key: Invalid value: " + GoText.quoted(key) + ": key must be lowercase");
            }
            for (String reserved : List.of("k8s.io", "kubernetes.io")) {
                if (host.equals(reserved) || host.endsWith("." + reserved)) {
                    throw new IOException(path + ".key: Invalid value: " + GoText.quoted(key) + ": " + reserved + ", *."
                            + reserved + " are reserved for Kubernetes use");
                }
            }
            if (extra.containsKey(key)) {
                throw new IOException(path + ".key: Duplicate value: " + GoText.quoted(key));
            }
            extra.put(
                    key,
                    new ClaimMapping.ByExpression(AuthenticationExpressions.mapping(
                            entry.path("valueExpression").asText(), path + ".valueExpression")));
        }
        return extra;
    }

    /** Whoever is known by an e-mail address must have shown that it is theirs. */
    private static void checkEmail(
            ClaimMapping username, Map<String, ClaimMapping> extra, List<JwtIssuer.Rule> rules, String path)
            throws IOException {
        if (!(username instanceof ClaimMapping.ByExpression(CelExpression expression))
                || !EMAIL.matcher(expression.text()).find()) {
            return;
        }
        List<String> texts = new ArrayList<>(List.of(expression.text()));
        rules.forEach(rule -> texts.add(rule.expression().text()));
        for (ClaimMapping mapping : extra.values()) {
            if (mapping instanceof ClaimMapping.ByExpression(CelExpression value)) {
                texts.add(value.text());
            }
        }
        if (texts.stream().noneMatch(text -> text.contains(EMAIL_VERIFIED))) {
            throw new IOException(path + ".claimMappings.username.expression: Invalid value: "
                    + GoText.quoted(expression.text())
                    + ": claims.email_verified must be used in claimMappings.username.expression or"
                    + " claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email"
                    + " is used in claimMappings.username.expression");
        }
    }
}
