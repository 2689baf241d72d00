package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.request.UserInfo;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens {@code id.secret} for machines that join: each is a Secret {@code bootstrap-token-ID} in {@code kube-system}. A
 * token that does not hold is as good as none, whatever the reason, so that nothing can be learned by trying.
 */
public record BootstrapTokens(AccountLookup lookup, InstantSource clock) implements TokenAuthenticator {
    private static final Logger log = LoggerFactory.getLogger(BootstrapTokens.class);

    private static final Pattern TOKEN = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");
    private static final Pattern GROUP = Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");
    private static final String EVERYBODY = "system:bootstrappers";

    @Override
    public Optional<Authenticated> authenticate(String token, List<String> audiences) throws InterruptedException {
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String id = parts.group(1);
        ObjectNode secret = lookup.secret("kube-system", "bootstrap-token-" + id);
        if (secret == null || ObjectMeta.isBeingDeleted(secret)) {
            return Optional.empty();
        }
        if (!secret.path("type").asText().equals("bootstrap.kubernetes.io/token")
                || !same(Secrets.text(secret, "token-secret"), parts.group(2))
                || !Secrets.text(secret, "token-id").equals(id)
                || expired(secret)
                || !Secrets.text(secret, "usage-bootstrap-authentication").equals("true")) {
            log.debug("bootstrap token {} does not hold", id);
            return Optional.empty();
        }
        Set<String> groups = new TreeSet<>(Set.of(EVERYBODY));
        for (String group : Secrets.text(secret, "auth-extra-groups").split(",", -1)) {
            if (group.isEmpty()) {
                continue;
            }
            if (!GROUP.matcher(group).matches()) {
                log.warn("bootstrap token {} names a group that is not allowed", id);
                return Optional.empty();
            }
            groups.add(group);
        }
        return Optional.of(Authenticated.of(new UserInfo("system:bootstrap:" + id, "", List.copyOf(groups), Map.of())));
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private boolean expired(ObjectNode secret) {
        String expiration = Secrets.text(secret, "expiration");
        if (expiration.isEmpty()) {
            return false;
        }
        try {
            return !clock.instant().isBefore(Timestamps.parse(expiration));
        } catch (MalformedException e) {
            return true;
        }
    }
}
