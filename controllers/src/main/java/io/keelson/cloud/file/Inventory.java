package io.keelson.cloud.file;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.cloud.CloudProvider;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.config.ConfigFile;
import io.keelson.controllers.config.ConfigNode;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the file:
 *
 * <pre>
 * apiVersion: cloud.keelson.io/v1
 * kind: FileCloud
 * instances:
 * - name: node-a
 *   providerID: file://rack1/node-a
 *   instanceType: r640
 *   zone: rack-1
 *   region: berlin
 *   state: Running
 *   addresses:
 *   - {type: InternalIP, address: 10.0.0.1}
 *   labels: {example.com/height: "12"}
 * routes:
 * - {node: node-a, destination: 10.244.1.0/24}
 * </pre>
 */
final class Inventory {
    private static final String NAME = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?";
    private static final String LABEL_VALUE = "([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?";
    private static final String LABEL_KEY =
            "([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

    private final Map<String, Machine> byName = new HashMap<>();
    private final Map<String, Machine> byProviderId = new HashMap<>();
    private final Map<String, Way> ways = new LinkedHashMap<>();

    /**
     * A route.
     *
     * @param line where it stands
     */
    record Way(String node, String destination, int line) {}

    /**
     * Reads it.
     *
     * @param name what complaints call the file
     * @throws ConfigException if it is not as it has to be; its text names the line
     */
    static Inventory parse(String name, byte[] bytes) throws ConfigException {
        ConfigNode.Fields fields = ConfigFile.parse(name, bytes).fields("apiVersion", "kind", "instances", "routes");
        fields.isOfKind(CloudProvider.API_VERSION, "FileCloud");
        Inventory inventory = new Inventory();
        for (ConfigNode each : fields.list("instances")) {
            inventory.add(each);
        }
        for (ConfigNode each : fields.list("routes")) {
            inventory.addWay(each);
        }
        return inventory;
    }

    private void add(ConfigNode item) throws ConfigException {
        ConfigNode.Fields fields =
                item.fields("name", "providerID", "instanceType", "zone", "region", "state", "addresses", "labels");
        String name = nodeName(fields.get("name"));
        if (byName.containsKey(name)) {
            throw fields.get("name").wrong("there is an instance " + name + " already");
        }
        String providerId = fields.text("providerID", "file://" + name);
        if (providerId.isEmpty() || byProviderId.containsKey(providerId)) {
            throw fields.find("providerID")
                    .orElse(item)
                    .wrong("must be another one for each instance, which \"" + providerId + "\" is not");
        }
        Optional<ConfigNode> state = fields.find("state");
        boolean running =
                state.isEmpty() || state.get().word("Running", "Stopped").equals("Running");
        List<NodeAddress> addresses = new ArrayList<>();
        for (ConfigNode each : fields.list("addresses")) {
            addresses.add(address(each));
        }
        Machine machine = new Machine(
                name,
                providerId,
                labelValue(fields, "instanceType"),
                labelValue(fields, "zone"),
                labelValue(fields, "region"),
                addresses,
                labels(fields),
                running);
        byName.put(name, machine);
        byProviderId.put(providerId, machine);
    }

    private static String nodeName(ConfigNode field) throws ConfigException {
        String name = field.text();
        if (!name.matches(NAME)) {
            throw field.wrong(
                    "must be the name of a Node, of small letters, digits, dashes and dots, not \"" + name + '"');
        }
        return name;
    }

    private static String labelValue(ConfigNode.Fields fields, String name) throws ConfigException {
        String value = fields.text(name, "");
        if (!value.matches(LABEL_VALUE)) {
            throw fields.get(name).wrong("must be the value of a label, not \"" + value + '"');
        }
        return value;
    }

    private static Map<String, String> labels(ConfigNode.Fields fields) throws ConfigException {
        Optional<ConfigNode> field = fields.find("labels");
        if (field.isEmpty()) {
            return Map.of();
        }
        Map<String, String> labels = field.get().texts();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            if (!label.getKey().matches(LABEL_KEY) || !label.getValue().matches(LABEL_VALUE)) {
                throw field.get().wrong(label.getKey() + ": " + label.getValue() + " is no label");
            }
        }
        return labels;
    }

    private static NodeAddress address(ConfigNode item) throws ConfigException {
        ConfigNode.Fields fields = item.fields("type", "address");
        String type = fields.get("type").word("InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS");
        String address = fields.get("address").text();
        if (type.endsWith("IP") && IpAddress.parse(address) == null) {
            throw fields.get("address").wrong("must be an IP address, not \"" + address + '"');
        }
        if (address.isBlank()) {
            throw fields.get("address").wrong("must not be empty");
        }
        return new NodeAddress(address, type);
    }

    private void addWay(ConfigNode item) throws ConfigException {
        ConfigNode.Fields fields = item.fields("node", "destination");
        String node = nodeName(fields.get("node"));
        String text = fields.get("destination").text();
        IpPrefix destination = IpPrefix.parse(text);
        if (destination == null || !destination.toString().equals(text)) {
            throw fields.get("destination").wrong("must be a range, as 10.244.1.0/24 is, not \"" + text + '"');
        }
        if (ways.put(text, new Way(node, text, item.line())) != null) {
            throw fields.get("destination").wrong("there is a route to " + text + " already");
        }
    }

    /**
     * The machine of a Node: that of its provider id if it has one, otherwise that of its name.
     *
     * @return null if there is none
     */
    @Nullable
    Machine find(Node node) {
        String providerId =
                node.getSpec() == null ? "" : OrEmpty.of(node.getSpec().getProviderID());
        return providerId.isEmpty() ? byName.get(node.getMetadata().getName()) : byProviderId.get(providerId);
    }

    Collection<Way> ways() {
        return Collections.unmodifiableCollection(ways.values());
    }

    /** The route to a range; null if there is none. */
    @Nullable
    Way way(String destination) {
        return ways.get(destination);
    }
}
