package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Knows the tokens of service accounts: those that {@link TokenRequests} makes, which end by themselves and with the pod,
 * secret or node they are bound to, and those of old in Secrets, which hold as long as their Secret is there.
 */
public final class ServiceAccountTokens implements TokenAuthenticator {
    private static final String LEGACY_ISSUER = "kubernetes/serviceaccount";
    private static final String LEGACY = "kubernetes.io/serviceaccount/";
    private static final String INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since";

    /** Clocks of others may differ by so much, and what was deleted counts so long. */
    private static final Duration LEEWAY = Duration.ofMinutes(1);

    private final Set<String> issuers;
    private final List<String> serverAudiences;
    private final boolean secretsLookedUp;
    private final ServiceAccountKeys keys;
    private final AccountLookup lookup;
    private final LegacyTokenUses legacyUses;
    private final InstantSource clock;

    /**
     * @param issuers whose tokens hold
     * @param serverAudiences this server's names as an audience
     * @param secretsLookedUp whether a token of a Secret holds only as long as the Secret and the account are there
     * @param legacyUses is told of uses of tokens of Secrets, if they are looked up, and of others that last long
     */
    public ServiceAccountTokens(
            List<String> issuers,
            List<String> serverAudiences,
            boolean secretsLookedUp,
            ServiceAccountKeys keys,
            AccountLookup lookup,
            LegacyTokenUses legacyUses,
            InstantSource clock) {
        this.issuers = Set.copyOf(issuers);
        this.serverAudiences = List.copyOf(serverAudiences);
        this.secretsLookedUp = secretsLookedUp;
        this.keys = keys;
        this.lookup = lookup;
        this.legacyUses = legacyUses;
        this.clock = clock;
    }

    @Override
    public Optional<Authenticated> authenticate(String token, List<String> audiences)
            throws AuthenticationException, InterruptedException {
        SignedToken signed = SignedToken.parse(token);
        if (signed == null) {
            return Optional.empty();
        }
        String issuer = signed.text("iss");
        boolean legacy = issuer.equals(LEGACY_ISSUER);
        if (!legacy && !issuers.contains(issuer)) {
            return Optional.empty();
        }
        List<PublicKey> candidates = keys.candidates(signed.keyId());
        if (candidates.isEmpty()) {
            throw new AuthenticationException("invalid signature, no keys found");
        }
        if (candidates.stream().noneMatch(signed::signedBy)) {
            throw new AuthenticationException("invalid signature");
        }
        Remarks remarks = signed.audiences().isEmpty() ? legacyUses.withoutAudience(signed.text("sub")) : Remarks.NONE;
        List<String> meant = signed.audiences().isEmpty() ? serverAudiences : signed.audiences();
        List<String> wanted = audiences.isEmpty() ? serverAudiences : audiences;
        List<String> common = meant.stream().filter(wanted::contains).toList();
        if (common.isEmpty() && !serverAudiences.isEmpty()) {
            throw new AuthenticationException(
                    "token audiences " + quoted(meant) + " is invalid for the target audiences " + quoted(wanted));
        }
        Authenticated found = legacy ? ofSecret(token, signed, common) : bound(signed, common);
        return Optional.of(new Authenticated(found.user(), found.audiences(), remarks.and(found.remarks())));
    }

    private static String quoted(List<String> texts) {
        return texts.stream().map(GoText::quoted).collect(Collectors.joining(" ", "[", "]"));
    }

    private Authenticated bound(SignedToken signed, List<String> audiences)
            throws AuthenticationException, InterruptedException {
        Instant now = clock.instant();
        checkTimes(signed, now);
        JsonNode claims = signed.claims().path("kubernetes.io");
        String namespace = claims.path("namespace").asText();
        Ref account = Ref.of(claims.path("serviceaccount"));
        if (account == null || namespace.isEmpty()) {
            throw new AuthenticationException("service account token could not be validated");
        }
        var _ = checkAccount(namespace, account, now);
        Ref secret = Ref.of(claims.path("secret"));
        Ref pod = Ref.of(claims.path("pod"));
        Ref node = Ref.of(claims.path("node"));
        if (secret != null) {
            checkBound("secret", lookup.secret(namespace, secret.name()), secret, now);
        }
        if (pod != null) {
            checkBound("pod", lookup.pod(namespace, pod.name()), pod, now);
        } else if (node != null) {
            checkBound("node", lookup.node(node.name()), node, now);
        }
        Map<String, List<String>> extra = new LinkedHashMap<>();
        if (pod != null) {
            extra.put(ServiceAccountUser.POD_NAME, List.of(pod.name()));
            extra.put(ServiceAccountUser.POD_UID, List.of(pod.uid()));
        }
        if (node != null) {
            extra.put(ServiceAccountUser.NODE_NAME, List.of(node.name()));
            if (!node.uid().isEmpty()) {
                extra.put(ServiceAccountUser.NODE_UID, List.of(node.uid()));
            }
        }
        String id = signed.text("jti");
        if (!id.isEmpty()) {
            extra.put(ClientCertificateAuthenticator.CREDENTIAL_ID, List.of("JTI=" + id));
        }
        return new Authenticated(
                new ServiceAccountUser(namespace, account.name()).user(account.uid(), extra),
                audiences,
                lasting(signed, claims));
    }

    private static void checkTimes(SignedToken signed, Instant now) throws AuthenticationException {
        Instant end = signed.time("exp");
        Instant start = signed.time("nbf");
        Instant issued = signed.time("iat");
        if (end != null && now.minus(LEEWAY).isAfter(end)) {
            throw new AuthenticationException("service account token has expired");
        }
        if (start != null && now.plus(LEEWAY).isBefore(start)) {
            throw new AuthenticationException("service account token is not valid yet");
        }
        if (issued != null && now.plus(LEEWAY).isBefore(issued)) {
            throw new AuthenticationException("service account token is issued in the future");
        }
    }

    private ObjectNode checkAccount(String namespace, Ref account, Instant now)
            throws AuthenticationException, InterruptedException {
        ObjectNode object = lookup.serviceAccount(namespace, account.name());
        if (object == null) {
            throw new AuthenticationException("serviceaccounts \"" + account.name() + "\" not found");
        }
        if (isGone(object, now)) {
            throw new AuthenticationException(
                    "service account " + namespace + "/" + account.name() + " has been deleted");
        }
        String uid = ObjectMeta.uid(object);
        if (!uid.equals(account.uid())) {
            throw new AuthenticationException(
                    "service account UID (" + uid + ") does not match claim (" + account.uid() + ")");
        }
        return object;
    }

    private static void checkBound(String kind, @Nullable ObjectNode object, Ref ref, Instant now)
            throws AuthenticationException {
        if (object == null || isGone(object, now)) {
            throw new AuthenticationException("service account token has been invalidated");
        }
        String uid = ObjectMeta.uid(object);
        if (!uid.equals(ref.uid())) {
            throw new AuthenticationException(kind + " UID (" + uid + ") does not match service account " + kind
                    + " ref claim (" + ref.uid() + ")");
        }
    }

    /** Deleted for so long that no clock's difference explains it. */
    private static boolean isGone(ObjectNode object, Instant now) {
        String deleted = ObjectMeta.deletionTimestamp(object);
        if (deleted.isEmpty()) {
            return false;
        }
        try {
            return Timestamps.parse(deleted).isBefore(now.minus(LEEWAY));
        } catch (MalformedException e) {
            return true;
        }
    }

    /** What there is to say about a token if it was made to last for clients that do not renew theirs. */
    private Remarks lasting(SignedToken signed, JsonNode claims) throws AuthenticationException {
        Instant end = SignedToken.time(claims.path("warnafter"), "warnafter");
        return end == null || end.equals(Instant.EPOCH) ? Remarks.NONE : legacyUses.lasting(signed.text("sub"), end);
    }

    private Authenticated ofSecret(String token, SignedToken signed, List<String> audiences)
            throws AuthenticationException, InterruptedException {
        String namespace = required(signed, LEGACY + "namespace", "namespace");
        String secretName = required(signed, LEGACY + "secret.name", "secretName");
        String name = required(signed, LEGACY + "service-account.name", "serviceAccountName");
        String uid = required(signed, LEGACY + "service-account.uid", "serviceAccountUID");
        if (!signed.text("sub").equals(new ServiceAccountUser(namespace, name).userName())) {
            throw new AuthenticationException("sub claim is invalid");
        }
        if (!secretsLookedUp) {
            return new Authenticated(new ServiceAccountUser(namespace, name).user(uid, Map.of()), audiences);
        }
        ObjectNode secret = lookup.secret(namespace, secretName);
        if (secret == null || ObjectMeta.isBeingDeleted(secret)) {
            throw new AuthenticationException("service account token has been invalidated");
        }
        if (!Secrets.text(secret, "token").equals(token)) {
            throw new AuthenticationException("service account token does not match server's copy");
        }
        ObjectNode account = checkAccount(namespace, new Ref(name, uid), clock.instant());
        String invalidSince = ObjectMeta.label(secret, INVALID_SINCE);
        if (invalidSince != null && !invalidSince.isEmpty()) {
            throw new AuthenticationException(
                    "the token in secret " + namespace + "/" + secretName + " for service account " + namespace + "/"
                            + name
                            + " has been marked invalid. Use tokens from the TokenRequest API or manually created"
                            + " secret-based tokens, or remove the '" + INVALID_SINCE
                            + "' label from the secret to temporarily allow use of this token",
                    legacyUses.refused(secret));
        }
        return new Authenticated(
                new ServiceAccountUser(namespace, name).user(uid, Map.of()),
                audiences,
                legacyUses.used(secret, account));
    }

    private static String required(SignedToken signed, String claim, String shown) throws AuthenticationException {
        String value = signed.text(claim);
        if (value.isEmpty()) {
            throw new AuthenticationException(shown + " claim is missing");
        }
        return value;
    }

    /** An object that a token names. */
    private record Ref(String name, String uid) {
        static @Nullable Ref of(JsonNode claim) {
            return claim.isObject()
                    ? new Ref(claim.path("name").asText(), claim.path("uid").asText())
                    : null;
        }
    }
}
