package io.keelson.kvstore.cli;

import java.io.IOException;

/** From a command's words to the class that carries it out; only that class is loaded. */
final class Dispatch {
    private Dispatch() {}

    static void run(Invocation call) throws IOException, InterruptedException {
        switch (call.command().path()) {
            case "get" -> GetCommand.run(call);
            case "put" -> PutCommand.run(call);
            case "del" -> DelCommand.run(call);
            case "txn" -> new TxnCommand(call).run();
            case "compaction" -> CompactionCommand.run(call);
            case "watch" -> new WatchCommand(call).run();
            case "lease grant" -> LeaseCommands.grant(call);
            case "lease revoke" -> LeaseCommands.revoke(call);
            case "lease timetolive" -> LeaseCommands.timeToLive(call);
            case "lease list" -> LeaseCommands.list(call);
            case "lease keep-alive" -> LeaseCommands.keepAlive(call);
            case "member add" -> MemberCommands.add(call);
            case "member remove" -> MemberCommands.remove(call);
            case "member update" -> MemberCommands.update(call);
            case "member list" -> MemberCommands.list(call);
            case "member promote" -> MemberCommands.promote(call);
            case "endpoint health" -> EndpointCommands.health(call);
            case "endpoint status" -> EndpointCommands.status(call);
            case "endpoint hashkv" -> EndpointCommands.hashKv(call);
            case "alarm list" -> AlarmCommands.list(call);
            case "alarm disarm" -> AlarmCommands.disarm(call);
            case "defrag" -> MaintenanceCommands.defrag(call);
            case "move-leader" -> MaintenanceCommands.moveLeader(call);
            case "downgrade validate" -> MaintenanceCommands.downgradeValidate(call);
            case "downgrade enable" -> MaintenanceCommands.downgradeEnable(call);
            case "downgrade cancel" -> MaintenanceCommands.downgradeCancel(call);
            case "snapshot save" -> SnapshotSaveCommand.run(call);
            case "snapshot restore" -> RestoreCommands.restore(call);
            case "snapshot status" -> SnapshotStatusCommand.run(call);
            case "migrate" -> RestoreCommands.migrate(call);
            case "lock" -> LockCommand.run(call);
            case "elect" -> ElectCommand.run(call);
            case "auth enable" -> AuthCommands.enable(call);
            case "auth disable" -> AuthCommands.disable(call);
            case "auth status" -> AuthCommands.status(call);
            case "user add" -> UserCommands.add(call);
            case "user delete" -> UserCommands.delete(call);
            case "user get" -> UserCommands.get(call);
            case "user list" -> UserCommands.list(call);
            case "user passwd" -> UserCommands.passwd(call);
            case "user grant-role" -> UserCommands.grantRole(call);
            case "user revoke-role" -> UserCommands.revokeRole(call);
            case "role add" -> RoleCommands.add(call);
            case "role delete" -> RoleCommands.delete(call);
            case "role get" -> RoleCommands.get(call);
            case "role list" -> RoleCommands.list(call);
            case "role grant-permission" -> RoleCommands.grantPermission(call);
            case "role revoke-permission" -> RoleCommands.revokePermission(call);
            case "make-mirror" -> new MakeMirrorCommand(call).run();
            case "check perf" -> CheckCommands.perf(call);
            case "check datascale" -> CheckCommands.datascale(call);
            case "completion" -> Completion.run(call);
            case "version" -> VersionCommand.run(call);
            default ->
                throw new IllegalStateException("no class for " + call.command().path());
        }
    }
}
