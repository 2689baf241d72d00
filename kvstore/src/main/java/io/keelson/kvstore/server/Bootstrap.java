package io.keelson.kvstore.server;

import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.server.PeerService.ClusterView;
import io.keelson.kvstore.server.config.ConfigException;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.PeerTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who this member is: from its data directory, or, when that is empty, from the flags: as one of the first
 * members of a new cluster, or as one that joins.
 */
final class Bootstrap {
    private static final Logger log = LoggerFactory.getLogger(Bootstrap.class);
    private static final int ASK_TIMEOUT_MS = 2_000;

    private final ServerConfig config;
    private final @Nullable PeerTls tls;

    Bootstrap(ServerConfig config, @Nullable PeerTls tls) {
        this.config = config;
        this.tls = tls;
    }

    /** @param fresh whether this is the member's first start */
    record Start(Identity identity, boolean fresh) {}

    /**
     * The identity, which is in the data directory when this returns.
     *
     * @throws StartFailure if this member must not start
     */
    Start identity() throws StartFailure {
        Path dataDir = config.dataDir();
        try {
            Identity known = Identity.read(dataDir);
            if (known != null) {
                log.info(
                        "restarting member {} of cluster {}",
                        ClusterIds.text(known.memberId()),
                        ClusterIds.text(known.clusterId()));
                checkNotRemoved(known);
                return new Start(known, false);
            }
            if (Files.exists(dataDir.resolve("member").resolve("snap"))
                    || Files.exists(dataDir.resolve("member").resolve("wal"))) {
                throw new StartFailure("data directory " + dataDir
                        + " belongs to an etcd; `keelson kv migrate --from " + dataDir
                        + "/member/snap/db` makes a data directory for this server from it");
            }
            config.checkInitialCluster();
            Identity made = config.cluster().joining() ? join() : found();
            made.write(dataDir);
            return new Start(made, true);
        } catch (IOException e) {
            throw new StartFailure("cannot use data directory " + dataDir + ": " + e.getMessage(), e);
        } catch (ConfigException e) {
            throw new StartFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private Identity found() throws StartFailure {
        String token = config.cluster().token();
        List<Member> members = new ArrayList<>();
        config.cluster()
                .initialPeerUrlsByName()
                .forEach((name, urls) -> members.add(Member.newBuilder()
                        .setID(ClusterIds.memberId(urls, token))
                        .setName(name)
                        .addAllPeerURLs(urls)
                        .build()));
        long self = ClusterIds.memberId(ownUrls(), token);
        long clusterId =
                ClusterIds.clusterId(members.stream().map(Member::getID).toList());
        // A member that has lost its data must not begin anew under its old id: it could vote a second time.
        for (ClusterView view : askOthers()) {
            for (Member member : view.members()) {
                if (view.clusterId() == clusterId && member.getID() == self && member.getClientURLsCount() > 0) {
                    throw new StartFailure("member " + ClusterIds.text(self) + " has already been bootstrapped");
                }
            }
        }
        log.info("starting member {} of new cluster {}", ClusterIds.text(self), ClusterIds.text(clusterId));
        return new Identity(clusterId, self, token, members, false);
    }

    private Identity join() throws StartFailure {
        Collection<List<String>> given =
                config.cluster().initialPeerUrlsByName().values();
        List<ClusterView> views = askOthers();
        if (views.isEmpty()) {
            throw new StartFailure("cannot fetch cluster info from peer urls: could not retrieve cluster information"
                    + " from the given URLs");
        }
        String problem = "";
        for (ClusterView view : views) {
            if (view.members().size() != given.size()) {
                problem = "error validating peerURLs " + describe(view) + ": member count is unequal";
                continue;
            }
            Member self = null;
            String unmatched = null;
            for (Member member : view.members()) {
                if (given.stream().noneMatch(urls -> ServerConfig.sameEndpoints(urls, member.getPeerURLsList()))) {
                    unmatched = "unmatched member while checking PeerURLs (" + ClusterIds.text(member.getID()) + ", "
                            + String.join(",", member.getPeerURLsList()) + ")";
                }
                if (ServerConfig.sameEndpoints(ownUrls(), member.getPeerURLsList())) {
                    self = member;
                }
            }
            if (unmatched != null || self == null) {
                problem = "error validating peerURLs " + describe(view) + ": "
                        + (unmatched != null ? unmatched : "this member is not among them: add it first");
                continue;
            }
            log.info(
                    "joining cluster {} as member {}",
                    ClusterIds.text(view.clusterId()),
                    ClusterIds.text(self.getID()));
            return new Identity(
                    view.clusterId(), self.getID(), config.cluster().token(), List.of(), view.seeded(), view.members());
        }
        throw new StartFailure(problem);
    }

    /** This member's peer URLs in {@code --initial-cluster}, where it has been found. */
    private List<String> ownUrls() {
        return Objects.requireNonNull(config.cluster().initialPeerUrlsByName().get(config.name()));
    }

    private static String describe(ClusterView view) {
        return "{ClusterID:" + ClusterIds.text(view.clusterId()) + " Members:["
                + view.members().stream()
                        .map(member ->
                                ClusterIds.text(member.getID()) + " " + String.join(",", member.getPeerURLsList()))
                        .collect(Collectors.joining("; "))
                + "]}";
    }

    /** A member that was removed while it was away learns so from the others, if any answers. */
    private void checkNotRemoved(Identity known) throws StartFailure {
        for (ClusterView view : askOthers()) {
            if (view.clusterId() == known.clusterId() && view.removed().contains(known.memberId())) {
                throw new StartFailure("the member has been permanently removed from the cluster; data directory "
                        + config.dataDir() + " must be removed before it can be added again");
            }
        }
    }

    /** What the other members of {@code --initial-cluster} say, those that answer. */
    private List<ClusterView> askOthers() {
        List<CompletableFuture<ClusterView>> asked = new ArrayList<>();
        for (Map.Entry<String, List<String>> entry :
                config.cluster().initialPeerUrlsByName().entrySet()) {
            if (entry.getKey().equals(config.name())) {
                continue;
            }
            for (String url : entry.getValue()) {
                asked.add(PeerService.ask(url, tls, ASK_TIMEOUT_MS));
            }
        }
        List<ClusterView> views = new ArrayList<>();
        for (CompletableFuture<ClusterView> answer : asked) {
            ClusterView view = answer.handle((found, failure) -> {
                        if (failure != null) {
                            log.debug("a member did not answer", failure);
                        }
                        return failure == null ? found : null;
                    })
                    .join();
            if (view != null) {
                views.add(view);
            }
        }
        return views;
    }
}
