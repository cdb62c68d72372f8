# shellcheck shell=bash
# What the commands beside this file share. It is read by them, never run.
#
#   STACK    name of the CloudFormation stack; default tictac
#   REGION   where; default what aws is configured for, otherwise us-east-1
#   YES=1    asks nothing
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

STACK=${STACK:-tictac}
REGION=${REGION:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}}
export AWS_PAGER='' # the second aws command would open one
COMMAND="make ${0##*/}"

say() { printf '%s\n' "$@"; }

die() { # what is wrong, what to do about it...
	printf '\n%s: %s\n' "$COMMAND" "$1" >&2
	shift
	[ $# = 0 ] || printf '  %s\n' "$@" >&2
	exit 1
}

# begin finds out where we are, and says what the command will do.
begin() { # what it will do...
	command -v aws >/dev/null ||
		die 'the aws command is missing' 'Install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html'
	[[ $STACK =~ ^[a-z][a-z0-9]+(-[a-z0-9]+)*$ && ${#STACK} -le 40 ]] || die "STACK=$STACK will not do" \
		'Small letters and digits, single hyphens between, 2 to 40 in all; it names the image repository and MemoryDB too.'
	REGION=${REGION:-$(aws configure get region || echo us-east-1)}
	export AWS_REGION=$REGION AWS_DEFAULT_REGION=$REGION
	look
	local account
	account=$(value Id | cut -d : -f 5)
	[ -n "$account" ] || account=$(aws sts get-caller-identity --query Account --output text)
	say "$COMMAND: stack $STACK, region $REGION, account $account" "${@/#/  }"
}

# look reads the stack into $facts: its state, outputs and parameters, a line
# each; nothing when there is no such stack.
look() {
	local query="Stacks[0].[
		[['Status', StackStatus], ['Id', StackId]],
		Outputs[].[OutputKey, OutputValue] || \`[]\`,
		Parameters[].[ParameterKey, ParameterValue, 'parameter'] || \`[]\`][]"
	if ! facts=$(aws cloudformation describe-stacks --stack-name "$STACK" --query "$query" --output text 2>&1); then
		case $facts in
		*'does not exist'*) facts= ;;
		*) die "AWS does not let you see the stack: ${facts#$'\n'}" \
			'Who are you? Type aws configure, or name a profile: export AWS_PROFILE=NAME' \
			'If that is right, it lacks the permission cloudformation:DescribeStacks.' ;;
		esac
	fi
}

# value prints one of what look read.
value() { awk -F '\t' -v name="$1" '$1 == name { print $2 }' <<<"$facts"; }

# needs dies unless there is a stack with a service that can be changed now.
needs() {
	settled
	[ -n "$(value ServiceName)" ] || die "there is nothing to ${0##*/}: no game was deployed yet" 'make deploy'
}

# settled dies unless the stack can be made or changed now.
settled() {
	local status
	status=$(value Status)
	case $status in
	'' | CREATE_COMPLETE | UPDATE_COMPLETE | UPDATE_ROLLBACK_COMPLETE) return ;;
	REVIEW_IN_PROGRESS) die 'somebody began to make the stack in the console and did not finish' 'make destroy, make deploy' ;;
	*_IN_PROGRESS)
		die "the stack is being changed ($status), by another command or the console" \
			'Wait until make status shows something that ends in COMPLETE, then try again.' ;;
	UPDATE_ROLLBACK_FAILED)
		reasons
		die 'the last change failed, and so did taking it back (UPDATE_ROLLBACK_FAILED)' \
			'Mend what is named above, then have it taken back:' \
			"  aws cloudformation continue-update-rollback --region $REGION --stack-name $STACK" ;;
	*)
		reasons
		die "the stack could not be made or deleted ($status), and nothing can be built on it" \
			'Mend what is named above, then: make destroy, make deploy' ;;
	esac
}

# reasons prints what failed in the stack's last change, and why.
reasons() {
	aws cloudformation describe-stack-events --stack-name "$STACK" --output text --query \
		'StackEvents[].[ResourceType, LogicalResourceId, ResourceStatus, ResourceStatusReason]' |
		awk -F '\t' '
			$1 == "AWS::CloudFormation::Stack" && $4 == "User Initiated" { exit }
			$3 ~ /FAILED$/ && $4 !~ /cancelled/ { printf "failed: %s (%s): %s\n", $2, $1, $4 }' >&2 || true
}

# apply makes the stack or changes it, and waits for AWS to finish. Parameters
# that are not named keep their value.
apply() { # template file, or "previous"; parameter=value...
	local template=$1 verb=update said name pair comma='\,' # as values have it
	local -a options=(--parameters)
	shift
	while read -r name; do
		for pair in "$@"; do
			[ "${pair%%=*}" != "$name" ] || continue 2
		done
		if [ "$template" = previous ] || grep -q "^  $name:" "$template"; then
			options+=("ParameterKey=$name,UsePreviousValue=true")
		fi
	done < <(awk -F '\t' '$3 == "parameter" { print $1 }' <<<"$facts")
	for pair in "$@"; do
		pair=${pair//,/$comma}
		options+=("ParameterKey=${pair%%=*},ParameterValue=${pair#*=}")
	done
	case $template in
	previous) options+=(--use-previous-template) ;;
	*) options+=(--template-body "file://$template") ;;
	esac
	[ -n "$facts" ] || verb=create
	if said=$(aws cloudformation "$verb-stack" --stack-name "$STACK" --capabilities CAPABILITY_IAM "${options[@]}" 2>&1); then
		say 'AWS is at work; this takes some minutes'
		await
		[[ $(value Status) =~ ^(CREATE|UPDATE)_COMPLETE$ ]] || { reasons; return 1; }
	elif [[ $said == *'No updates are to be performed'* ]]; then
		say 'The stack is as it should be.'
	else
		printf '%s\n' "$said" >&2
		return 1
	fi
}

# await looks at the stack until AWS has finished with it, one way or the other.
# Once a minute it shows that it still does.
await() {
	local minutes=0
	look
	while [[ $(value Status) == *_IN_PROGRESS ]]; do
		sleep 5
		if ((SECONDS >= 60 * (minutes + 1))); then
			minutes=$((SECONDS / 60))
			say "  $minutes min: $(value Status)"
		fi
		look
	done
}

# failed ends a command whose change of the stack did not succeed.
failed() {
	die "the stack was not changed as it should be${facts:+; it is $(value Status)}" \
		'What AWS said is above. make status tells what runs now, make logs what the servers said.'
}

# scaling suspends or resumes the automatic number of tasks; with State=none
# there is none.
scaling() { # suspended: true or false
	[ -n "$(value ScalingResourceId)" ] || return 0
	aws application-autoscaling register-scalable-target --service-namespace ecs \
		--scalable-dimension ecs:service:DesiredCount --resource-id "$(value ScalingResourceId)" \
		--suspended-state "DynamicScalingInSuspended=$1,DynamicScalingOutSuspended=$1,ScheduledScalingSuspended=$1" >/dev/null
}

# sure asks before something is lost.
sure() { # what to type
	[ "${YES:-}" != 1 ] || return 0
	local answer=
	read -r -p "Type $1 to go on: " answer || true
	[ "$answer" = "$1" ] || die 'nothing was done' 'YES=1 skips the question.'
}
