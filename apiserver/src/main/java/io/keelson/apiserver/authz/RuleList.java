package io.keelson.apiserver.authz;

import java.util.List;

/**
 * What a user may do.
 *
 * @param incomplete whether there may be more that cannot be told
 * @param error why it is incomplete; empty if there is nothing to say
 */
public record RuleList(List<PolicyRule> rules, boolean incomplete, String error) {
    static final RuleList EMPTY = new RuleList(List.of(), false, "");

    public RuleList {
        rules = List.copyOf(rules);
    }
}
