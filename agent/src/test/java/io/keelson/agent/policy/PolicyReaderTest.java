package io.keelson.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.agent.policy.PolicyRule.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyReaderTest {
    private final List<String> complaints = new ArrayList<>();

    private Policy read(String spec) {
        NetworkPolicy policy =
                Serialization.unmarshal("metadata: {name: p, namespace: shop}\nspec: " + spec, NetworkPolicy.class);
        return PolicyReader.read(policy, complaints::add);
    }

    private Policy understood(String spec) {
        Policy policy = read(spec);
        assertEquals(List.of(), complaints);
        return policy;
    }

    @Test
    void withoutTypesAPolicyIsolatesFromWhatComesAndOfWhatIsSentIfItSpeaksOfIt() {
        Policy ingress = understood("{podSelector: {}}");
        assertTrue(ingress.isolates(Direction.INGRESS));
        assertFalse(ingress.isolates(Direction.EGRESS));
        assertEquals(List.of(), ingress.rules(Direction.INGRESS), "nothing is allowed");
        assertTrue(understood("{podSelector: {}, egress: [{}]}").isolates(Direction.EGRESS));
        assertFalse(understood("{podSelector: {}, egress: []}").isolates(Direction.EGRESS));
        Policy egress = understood("{podSelector: {}, policyTypes: [Egress], ingress: [{}]}");
        assertFalse(egress.isolates(Direction.INGRESS));
        assertTrue(egress.isolates(Direction.EGRESS));
    }

    @Test
    void anEmptyRuleAllowsAll() {
        PolicyRule rule = understood("{podSelector: {}, ingress: [{}]}")
                .rules(Direction.INGRESS)
                .getFirst();
        assertTrue(rule.isAnyPeer() && rule.isAnyPort());
    }

    @Test
    void portsAreOfTcpUnlessTheySayOtherwiseAndMayBeRangesAndNames() {
        PolicyRule rule = understood("{podSelector: {}, ingress: [{ports: [{port: 81}, {port: 80, protocol: TCP},"
                        + " {port: web}, {port: 1000, endPort: 2000, protocol: UDP}, {protocol: SCTP}]}]}")
                .rules(Direction.INGRESS)
                .getFirst();
        assertEquals(
                Map.of(
                        Protocol.TCP,
                        new Ports(false, List.of(new PortRange(80, 81)), Set.of(new NamedPort(Protocol.TCP, "web"))),
                        Protocol.UDP,
                        new Ports(false, List.of(new PortRange(1000, 2000)), Set.of()),
                        Protocol.SCTP,
                        new Ports(true, List.of(), Set.of())),
                rule.ports());
    }

    @Test
    void peersThatSayTheSameAreTheSame() {
        Policy policy = understood("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {a: x, b: y}}}]},"
                + " {from: [{podSelector: {matchLabels: {b: y, a: x}}}, {namespaceSelector: {}}]}]}");
        assertEquals(2, policy.peers(Direction.INGRESS).size());
    }

    @Test
    void whatCannotBeUnderstoodAllowsNothingAndIsTold() {
        Policy policy = read("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}, {}, {podSelector:"
                + " {matchExpressions: [{key: a, operator: Like}]}}, {ipBlock: {cidr: 10.0.0.0/8, except: [all]}}],"
                + " ports: [{protocol: ICMP}, {port: 0}, {port: 90, endPort: 80}, {port: 1, endPort: 99999}]}]}");
        assertTrue(policy.isolates(Direction.INGRESS));
        assertEquals(List.of(), policy.rules(Direction.INGRESS), "it is not as if it said nothing");
        assertEquals(List.of(), PolicyLines.of(policy, Direction.INGRESS));
        assertEquals(8, complaints.size(), complaints::toString);
        complaints.clear();
        Policy nobody = read("{podSelector: {matchExpressions: [{key: a, operator: In}]}}");
        assertFalse(nobody.pods().test(Map.of()));
        assertEquals(1, complaints.size());
    }
}
