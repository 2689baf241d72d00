package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmResponse;
import io.keelson.kvstore.api.MaintenanceGrpc;

/** {@code alarm …}. */
final class AlarmCommands {
    private AlarmCommands() {}

    static void list(Invocation call) {
        call.requireWords(0, "alarm list command accepts no arguments");
        AlarmResponse response = call.read(
                MaintenanceGrpc.getAlarmMethod(),
                AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.GET)
                        .build());
        call.printer().alarm(response);
    }

    /** Disarms what the list holds, alarm by alarm, and shows what was disarmed. */
    static void disarm(Invocation call) {
        call.requireWords(0, "alarm disarm command accepts no arguments");
        AlarmResponse active = call.read(
                MaintenanceGrpc.getAlarmMethod(),
                AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.GET)
                        .build());
        AlarmResponse.Builder disarmed = AlarmResponse.newBuilder();
        for (AlarmMember alarm : active.getAlarmsList()) {
            AlarmResponse response = call.write(
                    MaintenanceGrpc.getAlarmMethod(),
                    AlarmRequest.newBuilder()
                            .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                            .setMemberID(alarm.getMemberID())
                            .setAlarm(alarm.getAlarm())
                            .build());
            disarmed.addAllAlarms(response.getAlarmsList());
        }
        call.printer().alarm(disarmed.build());
    }
}
