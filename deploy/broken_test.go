package deploy

// brokenStacks are the ways in which stack.yaml was broken on purpose, by the
// rule that must find it.
var brokenStacks = []breakage{
	{"references", "  SlowMoves:\n    Type: AWS::CloudWatch::Alarm\n    Condition: HasEmail", "  SlowMoves:\n    Type: AWS::CloudWatch::Alarm"},
	{"references", "!FindInMap [Nodes, redis, !Ref StoreSize]", "!FindInMap [Nodes, valkey, !Ref StoreSize]"},

	{"network", "  Routes:\n    Type: AWS::EC2::RouteTable", "  Nat:\n    Type: AWS::EC2::NatGateway\n    Properties: {}\n\n  Routes:\n    Type: AWS::EC2::RouteTable"},
	{"network", "!Select [1, !GetAZs '']", "!Select [0, !GetAZs '']"},
	{"network", "!Select [1, !Split [',', !Ref Zones]]", "!Select [0, !Split [',', !Ref Zones]]"},
	{"network", "CidrBlock: 10.0.1.0/24", "CidrBlock: 10.1.1.0/24"},
	{"network", "      GatewayId: !Ref Internet", "      GatewayId: other"},
	{"network", "      SubnetId: !Ref SubnetB\n      RouteTableId", "      SubnetId: !Ref SubnetA\n      RouteTableId"},

	{"edges", "FromPort: 80, ToPort: 80", "FromPort: 0, ToPort: 65535"},
	{"edges", "      SourceSecurityGroupId: !Ref BalancerGroup", "      CidrIp: 0.0.0.0/0"},
	{"edges", "FromPort: 6379, ToPort: 6379, SourceSecurityGroupId: !Ref ServerGroup", "FromPort: 6379, ToPort: 6379, CidrIp: 10.0.0.0/16"},
	{"edges", "        - {IpProtocol: '-1', CidrIp: 127.0.0.1/32, Description: nowhere}", "        []"},
	{"edges", "FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0, Description: 'image", "FromPort: 0, ToPort: 65535, CidrIp: 0.0.0.0/0, Description: 'image"},
	{"edges", "    Condition: HasDomain\n    Properties:\n      GroupId", "    Properties:\n      GroupId"},
	{"edges", "SecurityGroups: [!Ref ServerGroup]", "SecurityGroups: [!Ref BalancerGroup]"},

	{"door", "Value: '120'", "Value: '60'"},
	{"door", "deregistration_delay.timeout_seconds, Value: '30'", "deregistration_delay.timeout_seconds, Value: '10'"},
	{"door", "StopTimeout: 60", "StopTimeout: 20"},
	{"door", "HealthCheckPath: /healthz", "HealthCheckPath: /readyz"},
	{"door", "Value: least_outstanding_requests", "Value: round_robin"},
	{"door", "drop_invalid_header_fields.enabled, Value: 'true'", "drop_invalid_header_fields.enabled, Value: 'false'"},

	{"https", "ValidationMethod: DNS", "ValidationMethod: EMAIL"},
	{"https", "RedirectConfig: {Protocol: HTTPS", "RedirectConfig: {Protocol: HTTP"},
	{"https", "{after: !If [HasDomain, !Ref HttpsListener, nothing]}", "{}"},
	{"https", "          - HasDomain\n          - Type: redirect", "          - HasStore\n          - Type: redirect"},
	{"https", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-2016-08"},
	{"https", "DNSName: !GetAtt Balancer.DNSName", "DNSName: example.org"},
	{"https", "!Sub 'https://${Domain}'", "!Sub 'http://${Domain}'"},

	{"hardening", "ReadonlyRootFilesystem: true", "ReadonlyRootFilesystem: false"},
	{"hardening", "          User: '65532:65532'\n", ""},
	{"hardening", "          Memory: !Ref Memory", "          MemoryReservation: !Ref Memory"},
	{"hardening", "Drop: [ALL]", "Drop: [NET_RAW]"},
	{"hardening", "ContainerPath: /data", "ContainerPath: /tmp"},
	{"hardening", "CpuArchitecture: ARM64", "CpuArchitecture: X86_64"},
	{"hardening", "          Essential: true", "          Essential: true\n          Privileged: true"},
	{"hardening", "      PlatformVersion: LATEST", "      EnableExecuteCommand: true"},

	{"settings", "!GetAtt Vpc.CidrBlock}", "0.0.0.0/0}"},
	{"settings", "'rediss://${Redis.", "'redis://${Redis."},
	{"settings", "Name: TICTAC_STORE_PASSWORD", "Name: TICTAC_PASSWORD"},
	{"settings", "sqlite:/data/tictac.db", "sqlite:data/tictac.db"},

	{"one world", "MaximumPercent: !If [HasNone, 100, 200]", "MaximumPercent: 200"},
	{"one world", "MinimumHealthyPercent: !If [HasNone, 0, 100]", "MinimumHealthyPercent: 100"},
	{"one world", "Scales: !And [!Condition HasImage, !Condition HasStore]", "Scales: !And [!Condition HasImage, !Condition HasImage]"},
	{"one world", "!If [HasNone, 1, !Ref DesiredCount]", "!If [HasNone, 2, !Ref DesiredCount]"},
	{"one world", "DesiredCount: !If [Stopped, 0, ", "DesiredCount: !If [Stopped, 1, "},
	{"one world", "DynamicScalingOutSuspended: !If [Stopped, true, false]", "DynamicScalingOutSuspended: false"},

	{"rollback", "Rollback: true", "Rollback: false"},

	{"transit", "TransitEncryptionEnabled: true", "TransitEncryptionEnabled: false"},
	{"transit", "TransitEncryptionMode: required", "TransitEncryptionMode: preferred"},
	{"transit", "TLSEnabled: true", "TLSEnabled: false"},
	{"transit", "ACLName: !Ref DurableAcl", "ACLName: open-access"},
	{"transit", "      AuthToken: !Sub '{{resolve:secretsmanager:${StoreSecret}:SecretString:password}}'\n", ""},
	{"transit", "PasswordLength: 64", "PasswordLength: 8"},

	{"no room thrown away", "Properties: {maxmemory-policy: noeviction}", "Properties: {maxmemory-policy: allkeys-lru}"},
	{"no room thrown away", "      ParameterGroupName: !Ref DurableParameters\n", ""},

	{"repository", "ImageTagMutability: IMMUTABLE", "ImageTagMutability: MUTABLE"},
	{"repository", "ScanOnPush: true", "ScanOnPush: false"},
	{"repository", "\"rulePriority\": 1,", "\"rulePriority\": 1"},

	{"least privilege", "Action: [logs:CreateLogStream, logs:PutLogEvents]", "Action: logs:*"},
	{"least privilege", "Resource: !GetAtt Log.Arn", "Resource: '*'"},
	{"least privilege", "            Resource: !Ref StoreSecret", "            Resource: '*'"},
	{"least privilege", "RoleName: !Ref ExecutionRole", "RoleName: !Ref TaskRole"},
	{"least privilege", "  TaskRole:\n    Type: AWS::IAM::Role\n    Properties:\n", "  TaskRole:\n    Type: AWS::IAM::Role\n    Properties:\n      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]\n"},
	{"who may take a role", "StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}", "StringEquals: {}"},
	{"who may take a role", "Principal: {Service: ecs-tasks.amazonaws.com}", "Principal: {AWS: '*'}"},

	{"log", "      RetentionInDays: !Ref LogDays\n", ""},
	{"log", "mode: non-blocking", "mode: blocking"},

	{"metrics", "          MetricName: Players\n", "          MetricName: Sockets\n"},
	{"metrics", "      MetricName: MoveTime", "      MetricName: MoveMillis"},
	{"metrics", "[\"${Names}\", \"Rooms\"]", "[\"${Names}\", \"Room\"]"},
	{"metrics", ",\n                [\"${Names}\", \"Rooms\"]", ""},
	{"metrics", "TICTAC_EMF, Value: !Sub 'tictac/${AWS::StackName}'", "TICTAC_EMF, Value: tictac"},
	{"metrics", "          Statistic: Average", "          Statistic: Sum"},
	{"metrics", "'${AWS::StackName}-${AWS::Region}' #", "'${AWS::StackName}' #"},

	{"alarms", "ActionsEnabled: !If [Stopped, false, true]", "ActionsEnabled: true"},
	{"alarms", "      MetricName: StoreErrors", "      MetricName: Moves"},
	{"alarms", "      ExtendedStatistic: p99", "      ExtendedStatistic: p50"},
	{"alarms", "      AlarmActions: [!Ref Alarms]", "      AlarmActions: []"},
	{"alarms", "  SlowMoves:\n    Type: AWS::CloudWatch::Alarm\n    Condition: HasEmail", "  SlowMoves:\n    Type: AWS::CloudWatch::Alarm\n    Condition: WatchesRedis"},
	{"alarms", "Address: !Ref AlarmEmail", "Address: other@example.org"},

	{"stages", "HasImage: !Not [!Equals [!Ref Image, '']]", "HasImage: !Not [!Equals [!Ref Image, none]]"},
	{"stages", "  LogGroupName:\n", "  LogGroup:\n"},
	{"stages", "!If [HasDomain, !Ref HttpsListener, !Ref HttpListener]", "listener"},
	{"stages", "Assert: !Equals [!Ref MinTasks, '1']", "Assert: !Equals [!Ref MinTasks, '2']"},

	{"destroy", "EmptyOnDelete: true", "EmptyOnDelete: false"},
	{"destroy", "deletion_protection.enabled, Value: 'false'", "deletion_protection.enabled, Value: 'true'"},
	{"destroy", "    DeletionPolicy: Delete\n    UpdateReplacePolicy: Delete\n    Properties:\n      RetentionInDays", "    DeletionPolicy: Retain\n    Properties:\n      RetentionInDays"},
}
