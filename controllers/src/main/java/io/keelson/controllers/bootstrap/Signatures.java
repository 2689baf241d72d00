package io.keelson.controllers.bootstrap;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The signatures in the data of {@code cluster-info}. Without I/O. */
final class Signatures {
    private static final String CONTENT = "kubeconfig";
    private static final String PREFIX = "jws-kubeconfig-";

    private Signatures() {}

    /** Data with the signatures of these tokens and no others; as it is, if there is nothing to sign. */
    static Map<String, String> signed(Map<String, String> data, Collection<BootstrapToken> tokens) {
        String content = data.get(CONTENT);
        if (content == null) {
            return data;
        }
        Map<String, String> signed = new HashMap<>(data);
        signed.keySet().removeIf(name -> name.startsWith(PREFIX));
        tokens.forEach(token -> signed.put(PREFIX + token.id(), token.sign(content)));
        return signed;
    }
}
