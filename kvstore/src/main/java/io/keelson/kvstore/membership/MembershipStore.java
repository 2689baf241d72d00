package io.keelson.kvstore.membership;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmResponse;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.DowngradeInfo;
import io.keelson.kvstore.api.DowngradeRequest;
import io.keelson.kvstore.api.DowngradeResponse;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddResponse;
import io.keelson.kvstore.api.MemberPromoteRequest;
import io.keelson.kvstore.api.MemberPromoteResponse;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MemberRemoveResponse;
import io.keelson.kvstore.api.MemberUpdateRequest;
import io.keelson.kvstore.api.MemberUpdateResponse;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.apply.CommandHandler;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Session;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The table of members, and alarms, cluster version and downgrade beside it.
 *
 * <p>In {@link Table#MEMBER}, keys begin with a letter: {@code m} and a member's id (8 bytes) → {@link Member}; {@code r}
 * and an id → nothing, for a removed member; {@code a}, type (1 byte) and member id → nothing, for an alarm; {@code v} →
 * the cluster version as text; {@code d} → {@link DowngradeInfo}.
 *
 * <p><b>Founding.</b> A new cluster begins with an empty table, so that the log alone makes the state. Its first leader
 * publishes the members it was started with and then sets the cluster version. From then on publishing no longer adds
 * members: only {@code MEMBER_ADD} does.
 *
 * <p>Commands are carried out on the apply thread; {@link #current} may be called from anywhere.
 */
public final class MembershipStore implements CommandHandler {
    /** Field of {@code Member} in a {@code MEMBER_ADD} that carries the number of learners allowed. */
    private static final int LEARNERS_MAX_FIELD = 15;

    private static final byte[] NOTHING = {};
    private static final byte MEMBER = 'm';
    private static final byte REMOVED = 'r';
    private static final byte ALARM = 'a';
    private static final byte VERSION = 'v';
    private static final byte DOWNGRADE = 'd';
    private static final byte[] VERSION_KEY = {VERSION};
    private static final byte[] DOWNGRADE_KEY = {DOWNGRADE};

    private final Supplier<Session> session;
    private final List<Consumer<Membership>> listeners = new CopyOnWriteArrayList<>();

    /** As the commands so far have made it. Apply thread only. */
    private Membership pending = Membership.NONE;

    private volatile Membership current = Membership.NONE;

    /** @param session the session of the apply thread, asked for when the whole state is read anew */
    public MembershipStore(Supplier<Session> session) {
        this.session = session;
    }

    /** The payload of a {@code MEMBER_ADD}. The limit goes with the command so that every member judges it alike. */
    public static byte[] addition(Member member, int learnersMax) {
        return member.toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                LEARNERS_MAX_FIELD,
                                UnknownFieldSet.Field.newBuilder()
                                        .addVarint(learnersMax)
                                        .build())
                        .build())
                .build()
                .toByteArray();
    }

    /** The members as of the last batch that was committed. */
    public Membership current() {
        return current;
    }

    /** Tells of every change after it is committed, on the apply thread, which must not be blocked. */
    public void onChange(Consumer<Membership> listener) {
        listeners.add(listener);
    }

    @Override
    public ApplyResult apply(CommandContext context, Command command) {
        try {
            return switch (command.kind()) {
                case ALARM -> alarm(context, AlarmRequest.parseFrom(command.payload()));
                case MEMBER_ADD -> add(context, Member.parseFrom(command.payload()));
                case MEMBER_REMOVE -> remove(context, MemberRemoveRequest.parseFrom(command.payload()));
                case MEMBER_UPDATE -> update(context, MemberUpdateRequest.parseFrom(command.payload()));
                case MEMBER_PROMOTE -> promote(context, MemberPromoteRequest.parseFrom(command.payload()));
                case MEMBER_PUBLISH -> publish(context, Member.parseFrom(command.payload()));
                case CLUSTER_VERSION ->
                    version(
                            context,
                            StandardCharsets.UTF_8
                                    .decode(command.payload().duplicate())
                                    .toString());
                case DOWNGRADE -> downgrade(context, DowngradeRequest.parseFrom(command.payload()));
                default -> throw new IllegalStateException("not a command about members: " + command.kind());
            };
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a " + command.kind() + " in the log cannot be read", e);
        }
    }

    private ApplyResult add(CommandContext context, Member given) {
        Membership now = pending;
        List<Long> limit = given.getUnknownFields().getField(LEARNERS_MAX_FIELD).getVarintList();
        Member member = given.toBuilder()
                .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                .build();
        if (now.members().containsKey(member.getID()) || now.removed().contains(member.getID())) {
            throw EtcdError.MEMBER_EXIST.exception();
        }
        requireFree(now, member.getPeerURLsList(), 0);
        if (member.getIsLearner() && !limit.isEmpty() && now.learnerCount() + 1 > limit.getFirst()) {
            throw EtcdError.TOO_MANY_LEARNERS.exception();
        }
        store(context, member);
        return ApplyResult.success(
                context.revision(),
                MemberAddResponse.newBuilder()
                        .setMember(member)
                        .addAllMembers(pending.list())
                        .build()
                        .toByteArray());
    }

    private ApplyResult remove(CommandContext context, MemberRemoveRequest request) {
        Membership now = pending;
        known(now, request.getID());
        context.session().delete(Table.MEMBER, key(MEMBER, request.getID()));
        context.session().put(Table.MEMBER, key(REMOVED, request.getID()), NOTHING);
        SortedMap<Long, Member> members = new TreeMap<>(now.members());
        members.remove(request.getID());
        Set<Long> removed = new HashSet<>(now.removed());
        removed.add(request.getID());
        List<AlarmMember> alarms = new ArrayList<>();
        for (AlarmMember alarm : now.alarms()) {
            if (alarm.getMemberID() == request.getID()) {
                // Nobody could disarm it any more, and it would hold up the others for ever.
                context.session().delete(Table.MEMBER, alarmKey(alarm));
            } else {
                alarms.add(alarm);
            }
        }
        pending = new Membership(
                members, Set.copyOf(removed), List.copyOf(alarms), now.clusterVersion(), now.downgrade());
        return ApplyResult.success(
                context.revision(),
                MemberRemoveResponse.newBuilder()
                        .addAllMembers(pending.list())
                        .build()
                        .toByteArray());
    }

    private ApplyResult update(CommandContext context, MemberUpdateRequest request) {
        Member member = known(pending, request.getID());
        requireFree(pending, request.getPeerURLsList(), request.getID());
        store(
                context,
                member.toBuilder()
                        .clearPeerURLs()
                        .addAllPeerURLs(request.getPeerURLsList())
                        .build());
        return ApplyResult.success(
                context.revision(),
                MemberUpdateResponse.newBuilder()
                        .addAllMembers(pending.list())
                        .build()
                        .toByteArray());
    }

    private ApplyResult promote(CommandContext context, MemberPromoteRequest request) {
        Member member = known(pending, request.getID());
        if (!member.getIsLearner()) {
            throw EtcdError.MEMBER_NOT_LEARNER.exception();
        }
        store(context, member.toBuilder().setIsLearner(false).build());
        return ApplyResult.success(
                context.revision(),
                MemberPromoteResponse.newBuilder()
                        .addAllMembers(pending.list())
                        .build()
                        .toByteArray());
    }

    private ApplyResult publish(CommandContext context, Member given) {
        Membership now = pending;
        Member member = now.member(given.getID());
        if (member != null) {
            Member.Builder published = member.toBuilder();
            if (!given.getName().isEmpty()) {
                published.setName(given.getName());
            }
            if (given.getClientURLsCount() > 0) {
                published.clearClientURLs().addAllClientURLs(given.getClientURLsList());
            }
            store(context, published.build());
        } else if (now.clusterVersion() == null
                && !now.removed().contains(given.getID())
                && given.getPeerURLsCount() > 0) {
            store(context, given);
        }
        return ApplyResult.success(context.revision());
    }

    private ApplyResult version(CommandContext context, String version) {
        context.session().put(Table.MEMBER, VERSION_KEY, version.getBytes(StandardCharsets.UTF_8));
        Membership now = pending;
        pending = new Membership(now.members(), now.removed(), now.alarms(), version, now.downgrade());
        return ApplyResult.success(context.revision());
    }

    private ApplyResult downgrade(CommandContext context, DowngradeRequest request) {
        Membership now = pending;
        DowngradeInfo next;
        if (request.getAction() == DowngradeRequest.DowngradeAction.ENABLE) {
            if (now.downgrade().getEnabled()
                    && !now.downgrade().getTargetVersion().equals(request.getVersion())) {
                throw EtcdError.DOWNGRADE_IN_PROCESS.exception();
            }
            next = DowngradeInfo.newBuilder()
                    .setEnabled(true)
                    .setTargetVersion(request.getVersion())
                    .build();
        } else {
            if (!now.downgrade().getEnabled()) {
                throw EtcdError.NO_INFLIGHT_DOWNGRADE.exception();
            }
            next = DowngradeInfo.getDefaultInstance();
        }
        context.session().put(Table.MEMBER, DOWNGRADE_KEY, next.toByteArray());
        pending = new Membership(now.members(), now.removed(), now.alarms(), now.clusterVersion(), next);
        String version = now.clusterVersion();
        return ApplyResult.success(
                context.revision(),
                DowngradeResponse.newBuilder()
                        .setVersion(version == null ? "" : version)
                        .build()
                        .toByteArray());
    }

    private ApplyResult alarm(CommandContext context, AlarmRequest request) {
        Membership now = pending;
        AlarmResponse.Builder response = AlarmResponse.newBuilder();
        AlarmMember alarm = AlarmMember.newBuilder()
                .setMemberID(request.getMemberID())
                .setAlarm(request.getAlarm())
                .build();
        switch (request.getAction()) {
            case ACTIVATE -> {
                if (request.getAlarm() != AlarmType.NOSPACE && request.getAlarm() != AlarmType.CORRUPT) {
                    break;
                }
                if (!now.alarms().contains(alarm)) {
                    context.session().put(Table.MEMBER, alarmKey(alarm), NOTHING);
                    List<AlarmMember> alarms = new ArrayList<>(now.alarms());
                    alarms.add(alarm);
                    alarms(alarms);
                }
                response.addAlarms(alarm);
            }
            case DEACTIVATE -> {
                if (now.alarms().contains(alarm)) {
                    context.session().delete(Table.MEMBER, alarmKey(alarm));
                    List<AlarmMember> alarms = new ArrayList<>(now.alarms());
                    alarms.remove(alarm);
                    alarms(alarms);
                    response.addAlarms(alarm);
                }
            }
            default ->
                now.alarms().stream()
                        .filter(each -> request.getAlarm() == AlarmType.NONE || each.getAlarm() == request.getAlarm())
                        .forEach(response::addAlarms);
        }
        return ApplyResult.success(context.revision(), response.build().toByteArray());
    }

    private void alarms(List<AlarmMember> alarms) {
        alarms.sort(Comparator.comparingInt(AlarmMember::getAlarmValue)
                .thenComparing(AlarmMember::getMemberID, Long::compareUnsigned));
        pending = new Membership(
                pending.members(),
                pending.removed(),
                List.copyOf(alarms),
                pending.clusterVersion(),
                pending.downgrade());
    }

    private void store(CommandContext context, Member member) {
        context.session().put(Table.MEMBER, key(MEMBER, member.getID()), member.toByteArray());
        SortedMap<Long, Member> members = new TreeMap<>(pending.members());
        members.put(member.getID(), member);
        pending = new Membership(
                members, pending.removed(), pending.alarms(), pending.clusterVersion(), pending.downgrade());
    }

    private static Member known(Membership now, long id) {
        Member member = now.member(id);
        if (member == null) {
            throw EtcdError.MEMBER_NOT_FOUND.exception();
        }
        return member;
    }

    private static void requireFree(Membership now, List<String> peerUrls, long exceptId) {
        for (Member other : now.members().values()) {
            if (other.getID() != exceptId && other.getPeerURLsList().stream().anyMatch(peerUrls::contains)) {
                throw EtcdError.PEER_URL_EXIST.exception();
            }
        }
    }

    private static byte[] key(byte kind, long id) {
        return ByteBuffer.allocate(9).put(kind).putLong(id).array();
    }

    /** Where an alarm lies in {@link Table#MEMBER}. */
    public static byte[] alarmKey(AlarmMember alarm) {
        return ByteBuffer.allocate(10)
                .put(ALARM)
                .put((byte) alarm.getAlarmValue())
                .putLong(alarm.getMemberID())
                .array();
    }

    @Override
    public void batchCommitted() {
        if (!current.equals(pending)) {
            current = pending;
            listeners.forEach(listener -> listener.accept(current));
        }
    }

    @Override
    public void reload() {
        Session tables = session.get();
        Reading reading = new Reading();
        tables.scan(Table.MEMBER, NOTHING, null, (key, value) -> {
            reading.add(key, value);
            return true;
        });
        pending = reading.membership();
        current = pending;
        listeners.forEach(listener -> listener.accept(current));
    }

    /** What a state of the tables says. */
    public static Membership read(Tables tables) {
        Reading reading = new Reading();
        try (Cursor cursor = tables.cursor(Table.MEMBER, NOTHING, null, true)) {
            for (; cursor.valid(); cursor.next()) {
                reading.add(cursor.key(), cursor.value());
            }
        }
        return reading.membership();
    }

    /** The table, row by row. */
    private static final class Reading {
        private final SortedMap<Long, Member> members = new TreeMap<>(Long::compareUnsigned);
        private final Set<Long> removed = new HashSet<>();
        private final List<AlarmMember> alarms = new ArrayList<>();
        private @Nullable String version;
        private DowngradeInfo downgrade = DowngradeInfo.getDefaultInstance();

        void add(byte[] key, byte[] value) {
            ByteBuffer bytes = ByteBuffer.wrap(key);
            byte kind = bytes.get();
            switch (kind) {
                case MEMBER -> {
                    Member member = parseMember(value);
                    members.put(member.getID(), member);
                }
                case REMOVED -> removed.add(bytes.getLong());
                case ALARM -> {
                    int type = bytes.get();
                    alarms.add(AlarmMember.newBuilder()
                            .setAlarmValue(type)
                            .setMemberID(bytes.getLong())
                            .build());
                }
                case VERSION -> version = new String(value, StandardCharsets.UTF_8);
                case DOWNGRADE -> downgrade = parseDowngrade(value);
                default -> throw new IllegalStateException("unknown kind of row in the table of members: " + kind);
            }
        }

        Membership membership() {
            return new Membership(members, Set.copyOf(removed), List.copyOf(alarms), version, downgrade);
        }
    }

    private static Member parseMember(byte[] value) {
        try {
            return Member.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a member in the table of members cannot be read", e);
        }
    }

    private static DowngradeInfo parseDowngrade(byte[] value) {
        try {
            return DowngradeInfo.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the downgrade in the table of members cannot be read", e);
        }
    }

    /** Refuses what the alarms that are raised forbid. */
    public AlarmGuard guard() {
        return new AlarmGuard(() -> pending);
    }
}
