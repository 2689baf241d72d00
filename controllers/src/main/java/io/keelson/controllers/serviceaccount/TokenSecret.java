package io.keelson.controllers.serviceaccount;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.keelson.controllers.objects.OrEmpty;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Secrets of the type {@code kubernetes.io/service-account-token} say, and what they lack. Without I/O. */
final class TokenSecret {
    private static final String TYPE = "kubernetes.io/service-account-token";
    private static final String NAME = "kubernetes.io/service-account.name";
    private static final String UID = "kubernetes.io/service-account.uid";

    private TokenSecret() {}

    /** The name of the account that a Secret holds a token of; empty if it is no such Secret. */
    static String account(Secret secret) {
        return TYPE.equals(secret.getType()) ? annotation(secret, NAME) : "";
    }

    /** The uid of that account; empty if the Secret does not say it. */
    static String accountUid(Secret secret) {
        return annotation(secret, UID);
    }

    private static String annotation(Secret secret, String name) {
        return OrEmpty.of(OrEmpty.of(secret.getMetadata().getAnnotations()).get(name));
    }

    /** Whether an account is the one of a Secret. */
    static boolean isOf(Secret secret, @Nullable ServiceAccount account) {
        return account != null
                && account.getMetadata().getName().equals(account(secret))
                && (accountUid(secret).isEmpty()
                        || accountUid(secret).equals(account.getMetadata().getUid()));
    }

    /**
     * A Secret with all that it is to hold.
     *
     * @return null if it holds it
     */
    static @Nullable Secret filled(Secret secret, ServiceAccount account, TokenSigner signer, String rootCa) {
        Map<String, String> data = new HashMap<>(OrEmpty.of(secret.getData()));
        String namespace = secret.getMetadata().getNamespace();
        boolean changed = false;
        if (!rootCa.isEmpty() && !encoded(rootCa).equals(data.get("ca.crt"))) {
            data.put("ca.crt", encoded(rootCa));
            changed = true;
        }
        if (OrEmpty.of(data.get("namespace")).isEmpty()) {
            data.put("namespace", encoded(namespace));
            changed = true;
        }
        if (OrEmpty.of(data.get("token")).isEmpty()) {
            data.put(
                    "token",
                    encoded(signer.sign(
                            namespace,
                            account.getMetadata().getName(),
                            account.getMetadata().getUid(),
                            secret.getMetadata().getName())));
            changed = true;
        }
        return changed
                ? new SecretBuilder(secret)
                        .editMetadata()
                        .addToAnnotations(NAME, account.getMetadata().getName())
                        .addToAnnotations(UID, account.getMetadata().getUid())
                        .endMetadata()
                        .withData(data)
                        .build()
                : null;
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
