package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes tokens for service accounts: what a POST to {@code serviceaccounts/NAME/token} answers. */
public final class TokenRequests {
    private static final GroupKind KIND = new GroupKind("authentication.k8s.io", "TokenRequest");
    private static final long SECONDS_DEFAULT = 3_600;
    private static final long SECONDS_MIN = 600;
    private static final long SECONDS_MAX = 1L << 32;

    /** What admission asks for when a pod's client may not know that tokens end: such tokens are made to last. */
    private static final long SECONDS_TO_EXTEND = 3_607;

    private static final Duration EXTENDED = Duration.ofDays(365);
    private static final int AUDIENCES_MAX = 1_000;

    private final Settings settings;
    private final ServiceAccountKeys keys;
    private final AccountLookup lookup;
    private final InstantSource clock;

    /**
     * How tokens are made.
     *
     * @param issuer stands in tokens
     * @param serverAudiences whom tokens are for that do not say
     * @param lifeMax the longest life; zero for no bound of the server's own
     * @param extend whether tokens of pods for this server live on for longer than they say, with a warning
     * @param extendedLife for how long: a year at most
     */
    public record Settings(
            String issuer, List<String> serverAudiences, Duration lifeMax, boolean extend, Duration extendedLife) {
        public Settings {
            serverAudiences = List.copyOf(serverAudiences);
            if (extendedLife.compareTo(EXTENDED) > 0) {
                extendedLife = EXTENDED;
            }
        }

        /** With a life of a year where it is extended. */
        public Settings(String issuer, List<String> serverAudiences, Duration lifeMax, boolean extend) {
            this(issuer, serverAudiences, lifeMax, extend, EXTENDED);
        }
    }

    private record Bound(String kind, ObjectNode object) {}

    public TokenRequests(Settings settings, ServiceAccountKeys keys, AccountLookup lookup, InstantSource clock) {
        this.settings = settings;
        this.keys = keys;
        this.lookup = lookup;
        this.clock = clock;
    }

    /**
     * Makes a token.
     *
     * @param request a TokenRequest; not changed
     * @return the request with its {@code status}
     * @throws ApiException Invalid, NotFound, BadRequest or Conflict
     */
    public ObjectNode create(String namespace, String name, ObjectNode request) throws InterruptedException {
        ObjectNode answer = request.deepCopy();
        checkName("name", ObjectMeta.name(request), name, name);
        checkName("namespace", ObjectMeta.namespace(request), namespace, name);
        ObjectNode account = lookup.serviceAccount(namespace, name);
        if (account == null) {
            throw ApiException.notFound(new GroupResource("", "serviceaccounts"), name);
        }
        checkUid(ObjectMeta.uid(request), account);
        ObjectMeta.setName(answer, name);
        ObjectMeta.setNamespace(answer, namespace);
        ObjectNode spec = answer.get("spec") instanceof ObjectNode there ? there : answer.putObject("spec");
        List<String> audiences = audiences(spec);
        long seconds = spec.path("expirationSeconds").asLong(SECONDS_DEFAULT);
        checkSeconds(seconds, name);
        if (settings.lifeMax().isPositive()) {
            seconds = Math.min(seconds, settings.lifeMax().toSeconds());
        }
        spec.set("audiences", Json.array(audiences));
        spec.put("expirationSeconds", seconds);
        Bound bound = bound(spec.path("boundObjectRef"), namespace, name);

        Instant now = clock.instant();
        boolean lasts = settings.extend()
                && seconds == SECONDS_TO_EXTEND
                && bound != null
                && bound.kind().equals("pod")
                && settings.serverAudiences().containsAll(audiences);
        ObjectNode claims =
                claims(account, audiences, now, lasts ? settings.extendedLife().toSeconds() : seconds);
        ObjectNode own = (ObjectNode) claims.path("kubernetes.io");
        bind(own, bound);
        if (lasts) {
            own.put("warnafter", now.getEpochSecond() + seconds);
        }
        ObjectNode status = answer.putObject("status");
        status.put("token", keys.sign(claims));
        status.put("expirationTimestamp", Timestamps.seconds(now.plusSeconds(seconds)));
        return answer;
    }

    /** What tells a token that was made from all others, in the extra values of whoever shows it and in the audit log. */
    public static String credentialId(ObjectNode answer) {
        SignedToken token =
                SignedToken.parse(answer.path("status").path("token").asText());
        return token == null ? "" : "JTI=" + token.text("jti");
    }

    private static void checkName(String field, String stated, String actual, String name) {
        if (!stated.isEmpty() && !stated.equals(actual)) {
            FieldErrors errors = new FieldErrors();
            errors.invalid(
                    FieldPath.of("metadata", field),
                    stated,
                    "must match the service account " + field + " if specified");
            throw ApiException.invalid(KIND, name, errors.list());
        }
    }

    /** Whoever states a uid wants no token for another account that has got the name since. */
    private static void checkUid(String stated, ObjectNode account) {
        String actual = ObjectMeta.uid(account);
        if (!stated.isEmpty() && !stated.equals(actual)) {
            throw ApiException.conflict(
                    new GroupResource(KIND.group(), KIND.kind()),
                    ObjectMeta.name(account),
                    "the UID in the token request (" + stated + ") does not match the UID of the service account ("
                            + actual + ")");
        }
    }

    private static void checkSeconds(long seconds, String name) {
        FieldErrors errors = new FieldErrors();
        FieldPath path = FieldPath.of("spec", "expirationSeconds");
        if (seconds < SECONDS_MIN) {
            errors.invalid(path, seconds, "may not specify a duration less than 10 minutes");
        }
        if (seconds > SECONDS_MAX) {
            errors.invalid(path, seconds, "may not specify a duration larger than 2^32 seconds");
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(KIND, name, errors.list());
        }
    }

    private List<String> audiences(ObjectNode spec) {
        List<String> audiences = new ArrayList<>();
        spec.path("audiences").forEach(audience -> audiences.add(audience.asText()));
        if (audiences.size() > AUDIENCES_MAX) {
            throw ApiException.badRequest("token may be for at most " + AUDIENCES_MAX + " audiences");
        }
        return audiences.isEmpty() ? settings.serverAudiences() : audiences;
    }

    /** Finds the object that the token is to end with. */
    private @Nullable Bound bound(JsonNode ref, String namespace, String account) throws InterruptedException {
        if (!ref.isObject()) {
            return null;
        }
        String apiVersion = ref.path("apiVersion").asText();
        String kind = ref.path("kind").asText();
        String name = ref.path("name").asText();
        String resource = apiVersion.equals("v1") || apiVersion.isEmpty()
                ? switch (kind) {
                    case "Pod" -> "pods";
                    case "Secret" -> "secrets";
                    case "Node" -> "nodes";
                    default -> "";
                }
                : "";
        ObjectNode object = switch (resource) {
            case "pods" -> lookup.pod(namespace, name);
            case "secrets" -> lookup.secret(namespace, name);
            case "nodes" -> lookup.node(name);
            default ->
                throw ApiException.badRequest("cannot bind token to object of type " + apiVersion + ", Kind=" + kind);
        };
        if (object == null) {
            throw ApiException.notFound(new GroupResource("", resource), name);
        }
        String runsWith = object.path("spec").path("serviceAccountName").asText();
        if (resource.equals("pods") && !runsWith.equals(account)) {
            throw ApiException.badRequest("cannot bind token for serviceaccount \"" + account
                    + "\" to pod running with different serviceaccount name.");
        }
        String wanted = ref.path("uid").asText();
        if (!wanted.isEmpty() && !wanted.equals(ObjectMeta.uid(object))) {
            throw ApiException.of(
                    Reason.CONFLICT,
                    "Operation cannot be fulfilled on " + kind + " \"" + name
                            + "\": the UID in the bound object reference (" + wanted
                            + ") does not match the UID in record. The object might have been deleted and then recreated");
        }
        return new Bound(resource.substring(0, resource.length() - 1), object);
    }

    private ObjectNode claims(ObjectNode account, List<String> audiences, Instant now, long seconds) {
        String namespace = ObjectMeta.namespace(account);
        String name = ObjectMeta.name(account);
        ObjectNode claims = Json.object();
        claims.set("aud", Json.array(audiences));
        claims.put("exp", now.getEpochSecond() + seconds);
        claims.put("iat", now.getEpochSecond());
        claims.put("iss", settings.issuer());
        claims.put("jti", UUID.randomUUID().toString());
        ObjectNode own = claims.putObject("kubernetes.io");
        own.put("namespace", namespace);
        ref(own, "serviceaccount", account);
        claims.put("nbf", now.getEpochSecond());
        claims.put("sub", new ServiceAccountUser(namespace, name).userName());
        return claims;
    }

    private void bind(ObjectNode own, @Nullable Bound bound) throws InterruptedException {
        if (bound == null) {
            return;
        }
        ref(own, bound.kind(), bound.object());
        String nodeName = bound.object().path("spec").path("nodeName").asText();
        if (bound.kind().equals("pod") && !nodeName.isEmpty()) {
            ObjectNode node = lookup.node(nodeName);
            if (node == null) {
                own.putObject("node").put("name", nodeName);
            } else {
                ref(own, "node", node);
            }
        }
    }

    private static void ref(ObjectNode own, String field, ObjectNode object) {
        own.putObject(field).put("name", ObjectMeta.name(object)).put("uid", ObjectMeta.uid(object));
    }
}
