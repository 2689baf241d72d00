package io.keelson.apiserver.authz;

import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Allows what a policy file grants (the mode ABAC), which is read once:
 *
 * <pre>
 * # jane reads everything in the namespace dev
 * {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec":
 *   {"user": "jane", "namespace": "dev", "resource": "*", "apiGroup": "*", "readonly": true}}
 * </pre>
 *
 * <p>Each policy is on one line of less than {@value #LINE_BYTES_MAX} bytes; blank lines, and those that begin with {@code
 * #}, mean nothing.
 */
public final class AbacAuthorizer implements Authorizer {
    /** As long as the original's lines may be, with their ends. */
    static final int LINE_BYTES_MAX = 65_536;

    private static final Logger log = LoggerFactory.getLogger(AbacAuthorizer.class);

    private final List<AbacPolicy> policies;

    private AbacAuthorizer(List<AbacPolicy> policies) {
        this.policies = List.copyOf(policies);
    }

    /** @throws IOException if the file cannot be read, or with the line that cannot be */
    public static AbacAuthorizer open(Path file) throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("open " + file + ": no such file or directory", e);
        }
        List<AbacPolicy> policies = new ArrayList<>();
        int number = 0;
        int begin = 0;
        while (begin < content.length) {
            int end = begin;
            while (end < content.length && content[end] != '\n') {
                end++;
            }
            number++;
            if (end - begin >= LINE_BYTES_MAX) {
                throw new IOException("error reading policy file " + file + ", line " + number + ": line too long");
            }
            byte[] line = Arrays.copyOfRange(content, begin, end);
            String text = new String(line, StandardCharsets.UTF_8).strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                try {
                    policies.add(AbacPolicy.parse(line));
                } catch (IOException e) {
                    throw new IOException(
                            "error reading policy file " + file + ", line " + number + ": " + text + ": "
                                    + e.getMessage(),
                            e);
                }
            }
            begin = end + 1;
        }
        log.info("{} policies from {}", policies.size(), file);
        return new AbacAuthorizer(policies);
    }

    @Override
    public Decision authorize(Attributes attributes) {
        for (AbacPolicy policy : policies) {
            if (policy.allows(attributes)) {
                return Decision.ALLOW;
            }
        }
        return Decision.noOpinion("No policy matched.");
    }

    @Override
    public RuleList rulesFor(UserInfo user, String namespace) {
        List<PolicyRule> rules = new ArrayList<>();
        policies.forEach(policy -> policy.tell(user, namespace, rules));
        return new RuleList(rules, false, "");
    }
}
