package io.keelson.controllers.clusterroleaggregation;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Setup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Gives ClusterRoles with an {@code aggregationRule} the rules of those that it selects. */
public final class ClusterRoleAggregationController implements Controller {
    private static final String NAME = "clusterrole-aggregation-controller";
    private static final String AGGREGATED = "aggregated";
    private static final String LABEL = "label";
    private static final int WORKERS = 5;

    private final Context context;
    private final Cache<ClusterRole> roles;

    private ClusterRoleAggregationController(Context context, Setup setup) {
        this.context = context;
        roles = setup.read(ClusterRole.class);
        roles.index(AGGREGATED, role -> role.getAggregationRule() == null ? List.of() : List.of("yes"));
        roles.index(LABEL, ClusterRoleAggregationController::labels);
        setup.watch(ClusterRole.class, this::concerned);
    }

    /** {@code clusterrole-aggregation-controller}. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, ClusterRoleAggregationController::new);
    }

    private static List<String> labels(ClusterRole role) {
        return OrEmpty.of(role.getMetadata().getLabels()).entrySet().stream()
                .map(label -> label.getKey() + '=' + label.getValue())
                .toList();
    }

    /** Any role may be part of any that is aggregated. Of these there are few. */
    private Set<Key> concerned(Change<ClusterRole> change) {
        Set<Key> keys = new HashSet<>();
        roles.indexed(AGGREGATED, "yes").forEach(role -> keys.add(Key.of(role)));
        ClusterRole now = change.now();
        if (now != null && now.getAggregationRule() != null) {
            keys.add(Key.of(now));
        }
        return keys;
    }

    @Override
    public Outcome reconcile(Key key) {
        ClusterRole role = roles.get(key);
        if (role == null || role.getAggregationRule() == null) {
            return Outcome.done();
        }
        List<List<ClusterRole>> selected = new ArrayList<>();
        for (LabelSelector selector : OrEmpty.of(role.getAggregationRule().getClusterRoleSelectors())) {
            selected.add(selected(selector));
        }
        List<PolicyRule> rules = AggregatedRules.of(role, selected);
        if (!rules.equals(OrEmpty.of(role.getRules()))) {
            apply(role, rules);
        }
        return Outcome.done();
    }

    private List<ClusterRole> selected(LabelSelector selector) {
        Map<String, String> labels = OrEmpty.of(selector.getMatchLabels());
        List<ClusterRole> candidates = labels.isEmpty()
                ? roles.all()
                : labels.entrySet().stream()
                        .findFirst()
                        .map(label -> roles.indexed(LABEL, label.getKey() + '=' + label.getValue()))
                        .orElse(List.of());
        Predicate<Map<String, String>> matches = Selectors.of(selector);
        return candidates.stream()
                .filter(role -> matches.test(OrEmpty.of(role.getMetadata().getLabels())))
                .toList();
    }

    /** Only the rules are this controller's: all else of the role it leaves to whoever wrote it. */
    private void apply(ClusterRole role, List<PolicyRule> rules) {
        ClusterRole applied = new ClusterRoleBuilder()
                .withNewMetadata()
                .withName(role.getMetadata().getName())
                // One that was deleted meanwhile is not made again.
                .withUid(role.getMetadata().getUid())
                .endMetadata()
                .withRules(rules)
                .build();
        Patch.of(context.client(), role).apply(applied, NAME);
    }
}
